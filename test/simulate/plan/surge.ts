import type { Assumptions } from '../assumptions.ts'
import type { AutoscalerPlan, Trigger } from '../model/autoscaler.ts'
import { Cluster } from '../model/cluster.ts'
import type { ClusterPlan } from '../model/cluster-plan.ts'
import { quantileOf } from '../model/observations.ts'

const MINUTE_MS = 60_000
/** The load is what it was, doubles within a minute, and stays. */
const STEADY_MS = 15 * MINUTE_MS
const AFTER_MS = 10 * MINUTE_MS
const SLICE_MS = 5_000
/** As the chart has it for search workers (`searchWorkers.autoscaling.behavior`); the rest is Kubernetes' own. */
const CHART = {
  syncMs: 15_000,
  tolerance: 0.1,
  up: { stabilizationMs: 0, pods: 2, percent: 100, periodMs: 15_000 },
  down: { stabilizationMs: 300_000, pods: 1, percent: 0, periodMs: 60_000 },
} as const
const FEWEST_WORKERS = 2

/** One moment of a surge. */
export interface SurgeSlice {
  /** Since the load began to grow, s. */
  readonly second: number
  readonly rate: number
  readonly workers: number
  readonly p95Ms: number
  readonly refused: number
}

export interface Surge {
  readonly slices: readonly SurgeSlice[]
  /** For how long the p95 was above the goal, s. */
  readonly secondsAboveGoal: number
  readonly worstP95Ms: number
  readonly refused: number
  readonly asked: number
  readonly workersBefore: number
  readonly workersAfter: number
}

/** What happens to a cluster that was right for `rate` when the load doubles in a minute. */
export function surge(
  plan: ClusterPlan,
  by: {
    readonly rate: number
    readonly triggers: readonly Trigger[]
    readonly assumptions: Assumptions
    readonly seed: number
  },
): Surge {
  const { rate, triggers, assumptions, seed } = by
  const count = plan.workers.count
  const autoscaler: AutoscalerPlan = {
    ...CHART,
    minReplicas: FEWEST_WORKERS,
    maxReplicas: count * 4,
    triggers,
    podStartMs: assumptions.podStartMs,
  }
  const rateAt = (ms: number) => rate * (1 + Math.min(1, Math.max(0, (ms - STEADY_MS) / MINUTE_MS)))
  const cluster = new Cluster(
    { ...plan, autoscaler, load: [{ lane: 'search', rateAt, mostRate: 2 * rate }] },
    seed,
  )
  const workers: number[] = []
  const end = STEADY_MS + MINUTE_MS + AFTER_MS
  for (let at = 0; at < end; at += SLICE_MS) {
    workers.push(cluster.workers)
    cluster.runUntil(at + SLICE_MS)
  }
  cluster.runUntil(end + plan.deadlineMs)
  const slices = workers.flatMap((present, number) => {
    const at = number * SLICE_MS
    if (at < STEADY_MS - MINUTE_MS) return []
    const seen = cluster.seen.between(at, at + SLICE_MS)
    const second = (at - STEADY_MS) / 1000
    const refused = seen.refused + seen.late
    return [{ second, rate: rateAt(at), workers: present, p95Ms: quantileOf(seen.times, 0.95), refused }]
  })
  const all = cluster.seen.between(STEADY_MS, end)
  const above = slices.filter(
    ({ second, p95Ms, refused }) => second >= 0 && !(p95Ms <= assumptions.p95Ms && refused === 0),
  )
  return {
    slices,
    secondsAboveGoal: (above.length * SLICE_MS) / 1000,
    worstP95Ms: Math.max(...slices.map(({ p95Ms }) => p95Ms).filter((ms) => !Number.isNaN(ms))),
    refused: all.refused + all.late,
    asked: all.asked,
    workersBefore: slices.findLast(({ second }) => second < 0)?.workers ?? count,
    workersAfter: slices.at(-1)?.workers ?? count,
  }
}
