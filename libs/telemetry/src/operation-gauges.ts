import { Gauge, type Registry } from 'prom-client'
import { PolledSource, type Source } from './polled-source.ts'

export interface OperationsStanding {
  readonly preparing: number
  readonly running: number
  readonly paused: number
  readonly unitsLeft: number
}

type ByKind = Readonly<Record<string, OperationsStanding>>

const STATES = ['preparing', 'running', 'paused'] as const
const UNKNOWN: OperationsStanding = {
  preparing: Number.NaN,
  running: Number.NaN,
  paused: Number.NaN,
  unitsLeft: Number.NaN,
}

/**
 * What of long operations has not ended, by kind. Nothing is shown by a process that is not the one to tell it; NaN if it
 * cannot.
 */
export function operationGauges(
  registers: Registry[],
  { timeoutMs, onFailure }: { readonly timeoutMs: number; readonly onFailure: (source: string) => void },
): { set(source: Source<ByKind | null>): void } {
  const collect = () => polled.collect()
  const gauge = (name: string, help: string, labelNames: readonly string[]) =>
    new Gauge({ name: `semblance_${name}`, help, labelNames, registers, collect })
  const operations = gauge('unended_operations', 'Long operations that have not ended.', ['kind', 'state'])
  const left = gauge('operation_left_units', 'Persons or images that these have still to do.', ['kind'])
  let known: readonly string[] = []
  const show = (standing: ByKind | null) => {
    for (const one of [operations, left]) one.reset()
    known = Object.keys(standing ?? {})
    for (const [name, own] of Object.entries(standing ?? {})) {
      const kind = name.replaceAll('-', '_')
      for (const state of STATES) operations.set({ kind, state }, own[state])
      left.set({ kind }, own.unitsLeft)
    }
  }
  const polled = new PolledSource<ByKind | null>({
    timeoutMs,
    show,
    onFailure: () => {
      show(Object.fromEntries(known.map((kind) => [kind, UNKNOWN])))
      onFailure('operations')
    },
  })
  return polled
}
