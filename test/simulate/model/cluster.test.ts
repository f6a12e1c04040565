import { describe, expect, it } from 'vitest'
import { Cluster } from './cluster.ts'
import type { ClusterPlan } from './cluster-plan.ts'
import { quantileOf } from './observations.ts'

const PLAN: ClusterPlan = {
  gateways: { count: 1, cores: 1 },
  workers: { count: 4, cores: 1, threads: 1 },
  index: { nodes: 3, coresPerNode: 4, shards: 12, replicas: 2, shardMs: 1, questionMs: 1, spread: 0.3 },
  demands: {
    gateway: { takeMs: 1, answerMs: 0.5, redisMs: 0.3, networkMs: 1 },
    worker: { inferenceMs: { search: 40, enroll: 80, bulk: 80 }, otherMs: 5, spread: 0.2 },
    store: { cpuMs: 1, delayMs: 1, parallelism: 4 },
  },
  slownessAt: () => 1,
  deadlineMs: 10_000,
  queueLimit: 256,
  autoscaler: null,
  load: [{ lane: 'search', rateAt: () => 50, mostRate: 50 }],
  arrivals: [],
}

describe('a simulated cluster', () => {
  it('is the same for the same seed, and another for another', () => {
    const times = (seed: number) => run(PLAN, { seed, ms: 20_000 }).seen.between(0, 20_000).times
    expect(times(1)).toEqual(times(1))
    expect(times(1)).not.toEqual(times(2))
  })

  it('loses nobody, and takes the time of its parts when nothing waits', () => {
    const load = [{ lane: 'search', rateAt: () => 1, mostRate: 1 }] as const
    const seen = run({ ...PLAN, load }, { seed: 1, ms: 400_000 }).seen.between(0, 390_000)
    expect(seen.refused + seen.late).toBe(0)
    expect(seen.times.length).toBe(seen.asked)
    // 1.5 in the gateway, 0.3 in Redis, 45 in the worker, 4 in the index, 2 in the store, 1 on the way
    expect(quantileOf(seen.times, 0.5)).toBeGreaterThan(50)
    expect(quantileOf(seen.times, 0.5)).toBeLessThan(58)
  })

  it('answers as many as its workers can, and refuses the rest before their deadline', () => {
    const load = [{ lane: 'search', rateAt: () => 150, mostRate: 150 }] as const
    const seen = run({ ...PLAN, load }, { seed: 1, ms: 120_000 }).seen.between(30_000, 100_000)
    const answered = seen.times.length / 70
    // Four cores, of which each picture takes 45 ms.
    expect(answered).toBeGreaterThan(86)
    expect(answered).toBeLessThan(92)
    expect(seen.refused).toBeGreaterThan(2_500)
    expect(quantileOf(seen.times, 1)).toBeLessThan(10_000)
  })

  it('lets searches before a flood of enrollments, which still get their share', () => {
    const load = [
      { lane: 'search', rateAt: () => 50, mostRate: 50 },
      { lane: 'enroll', rateAt: () => 100, mostRate: 100 },
    ] as const
    const cluster = run({ ...PLAN, load }, { seed: 1, ms: 60_000 })
    expect(cluster.report().enroll.waiting).toBeGreaterThan(100)
    expect(cluster.report().search.waiting).toBeLessThan(20)
    expect(cluster.report().enroll.active).toBeGreaterThan(0)
  })

  it('gets workers when work waits, and gives them back', () => {
    const autoscaler = {
      minReplicas: 1,
      maxReplicas: 8,
      triggers: [{ kind: 'averageValue', target: 1, figure: 'active' }],
      syncMs: 15_000,
      tolerance: 0.1,
      up: { stabilizationMs: 0, pods: 4, percent: 100, periodMs: 15_000 },
      down: { stabilizationMs: 60_000, pods: 0, percent: 100, periodMs: 15_000 },
      podStartMs: 10_000,
    } as const
    const rateAt = (ms: number) => (ms < 60_000 || ms > 240_000 ? 5 : 60)
    const load = [{ lane: 'search', rateAt, mostRate: 60 }] as const
    const workers = { ...PLAN.workers, count: 1 }
    const cluster = new Cluster({ ...PLAN, workers, autoscaler, load }, 1)
    cluster.runUntil(55_000)
    expect(cluster.workers).toBe(1)
    cluster.runUntil(240_000)
    const most = cluster.workers
    expect(most).toBeGreaterThanOrEqual(3)
    cluster.runUntil(500_000)
    expect(cluster.workers).toBeLessThan(most)
  })

  it('repeats the searches of a run, under the slowness of that time', () => {
    const arrivals = Array.from({ length: 40 }, (_, number) => number * 1_000)
    const slownessAt = (ms: number) => (ms < 20_000 ? 1 : 3)
    const { seen } = run({ ...PLAN, load: [], arrivals, slownessAt }, { seed: 1, ms: 60_000 })
    const median = (from: number, to: number) => quantileOf(seen.between(from, to).times, 0.5)
    expect(seen.between(0, 60_000).asked).toBe(40)
    expect(median(20_000, 60_000) - median(0, 20_000)).toBeGreaterThan(70)
  })
})

function run(plan: ClusterPlan, by: { readonly seed: number; readonly ms: number }): Cluster {
  const cluster = new Cluster(plan, by.seed)
  cluster.runUntil(by.ms)
  return cluster
}
