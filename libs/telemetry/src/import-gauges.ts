import { Gauge, type Registry } from 'prom-client'
import { PolledSource, type Source } from './polled-source.ts'

export interface ImportsStanding {
  readonly open: number
  readonly running: number
  readonly paused: number
  readonly waitingRows: number
  readonly claimedRows: number
  readonly stagedBytes: number
}

const UNKNOWN: ImportsStanding = {
  open: Number.NaN,
  running: Number.NaN,
  paused: Number.NaN,
  waitingRows: Number.NaN,
  claimedRows: Number.NaN,
  stagedBytes: Number.NaN,
}

/** What of imports has not ended. Nothing is shown by a process that is not the one to tell it; NaN if it cannot. */
export function importGauges(
  registers: Registry[],
  { timeoutMs, onFailure }: { readonly timeoutMs: number; readonly onFailure: (source: string) => void },
): { set(source: Source<ImportsStanding | null>): void } {
  const collect = () => polled.collect()
  const gauge = (name: string, help: string, labelNames: readonly string[]) =>
    new Gauge({ name: `semblance_${name}`, help, labelNames, registers, collect })
  const imports = gauge('unended_imports', 'Imports that have not ended, by state.', ['state'])
  const rows = gauge('import_rows', 'Rows of these imports that have not ended, by state.', ['state'])
  const bytes = gauge('import_staged_bytes', 'Of pictures that wait for their row.', [])
  bytes.remove()
  const show = (standing: ImportsStanding | null) => {
    for (const one of [imports, rows, bytes]) one.reset()
    bytes.remove()
    if (standing === null) return
    for (const state of ['open', 'running', 'paused'] as const) imports.set({ state }, standing[state])
    rows.set({ state: 'waiting' }, standing.waitingRows)
    rows.set({ state: 'claimed' }, standing.claimedRows)
    bytes.set(standing.stagedBytes)
  }
  const polled = new PolledSource<ImportsStanding | null>({
    timeoutMs,
    show,
    onFailure: () => {
      show(UNKNOWN)
      onFailure('imports')
    },
  })
  return polled
}
