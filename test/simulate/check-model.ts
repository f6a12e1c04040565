import { planOfRun } from './demands.ts'
import type { CheckedRun } from './measured.ts'
import { Cluster } from './model/cluster.ts'
import { quantileOf } from './model/observations.ts'

/** A figure of a run and what the model says of it. */
export interface Comparison {
  readonly figure: 'answered/s' | 'p50 ms' | 'p95 ms'
  readonly measured: number
  readonly modelled: number
  /** By how much the model is off, as a share of what was measured. */
  readonly off: number
}

/** A run is one draw of many: the model is run so often, and the median counts. */
const SEEDS = 15

/** Repeats one of the runs in the model: the same cluster, the same searches at the same times, and its service times. */
export function compareWithModel(run: CheckedRun, all: readonly CheckedRun[]): readonly Comparison[] {
  const plan = planOfRun(run, all)
  const ms = run.seconds * 1000
  const runs = Array.from({ length: SEEDS }, (_, seed) => {
    const cluster = new Cluster(plan, seed + 1)
    // Those who asked at the end are answered later.
    cluster.runUntil(ms * 2)
    const { times } = cluster.seen.between(0, ms)
    return {
      answered: times.length / run.seconds,
      p50: quantileOf(times, 0.5),
      p95: quantileOf(times, 0.95),
    }
  })
  const middle = (of: (one: (typeof runs)[number]) => number) =>
    runs.map(of).toSorted((a, b) => a - b)[SEEDS >> 1]!
  return [
    compared(
      'answered/s',
      run.seen.answeredPerSecond,
      middle(({ answered }) => answered),
    ),
    compared(
      'p50 ms',
      run.seen.p50Ms,
      middle(({ p50 }) => p50),
    ),
    compared(
      'p95 ms',
      run.seen.p95Ms,
      middle(({ p95 }) => p95),
    ),
  ]
}

function compared(figure: Comparison['figure'], measured: number, modelled: number): Comparison {
  return { figure, measured, modelled, off: modelled / measured - 1 }
}
