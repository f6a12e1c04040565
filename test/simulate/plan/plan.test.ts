import { describe, expect, it } from 'vitest'
import { type Assumptions, assumptionsSchema } from '../assumptions.ts'
import { bytesPerFace, fitShardCost, type IndexPoint } from './index-cost.ts'
import { priceOf } from './price.ts'
import { saturations } from './saturation.ts'
import { type Costs, p95Of, sizeCluster } from './size-cluster.ts'

const COSTS: Costs = {
  cpu: { gateway: 1, redis: 0.3, store: 1, index: 3, inference: 50, workerRest: 10 },
  spread: 0.2,
  shard: { questionMs: 1, shardMs: () => 2 },
  indexDelayMs: 10,
  bytesPerFace: 3_000,
}
const assumptions = (given: Partial<Assumptions> = {}): Assumptions => assumptionsSchema.parse(given)

describe('what a question costs a shard', () => {
  const point = (rows: number, shards: number, cpuMs: number): IndexPoint => ({
    rows,
    shards,
    cpuMs,
    residentBytes: rows * 3_000 + 115e6,
  })

  it('is found again from what searches of several sizes took', () => {
    const shardMs = (rows: number) => 0.2 + 0.1 * Math.log2(rows)
    const points = [
      point(60_000, 2, 1 + 2 * shardMs(30_000)),
      point(1_000_000, 12, 1 + 12 * shardMs(1_000_000 / 12)),
    ]
    expect(fitShardCost(points, 1).shardMs(2_000_000)).toBeCloseTo(shardMs(2_000_000), 6)
  })

  it('grows with the logarithm if only one size was measured', () => {
    const { shardMs } = fitShardCost([point(1_024, 1, 11)], 1)
    expect(shardMs(1_024)).toBeCloseTo(10, 6)
    expect(shardMs(1_024 ** 2)).toBeCloseTo(20, 6)
  })

  it('takes the memory of a face from the largest gallery', () => {
    expect(bytesPerFace([point(1_000, 1, 1), point(1_000_000, 1, 1)])).toBe(3_000)
  })
})

describe('a cluster of the right size', () => {
  it('answers in time, with parts that are no busier than they may be', () => {
    const wanted = { faces: 10_000_000, rate: 100 }
    const sized = sizeCluster(wanted, { costs: COSTS, assumptions: assumptions() })
    expect(sized?.p95Ms).toBeLessThanOrEqual(300)
    // 60 ms of two cores for each search, at 70 %: 23.3 searches a second and worker.
    expect(sized?.plan.workers.count).toBe(5)
    // A copy of a third takes 10 GB, so that a node of 32 GB holds two; halves would need four nodes.
    expect(sized?.plan.index).toMatchObject({ shards: 3, nodes: 3, replicas: 2 })
  })

  it('has more workers and nodes for more searches, and more nodes for more faces', () => {
    const sizeOf = (faces: number, rate: number) =>
      sizeCluster({ faces, rate }, { costs: COSTS, assumptions: assumptions() })!.plan
    const [small, busy, large] = [sizeOf(1e6, 20), sizeOf(1e6, 200), sizeOf(100e6, 20)]
    expect(busy.workers.count).toBeGreaterThan(small.workers.count)
    expect(large.index.nodes).toBeGreaterThan(small.index.nodes)
    expect(large.index.shards).toBeGreaterThanOrEqual(20)
    expect(large.workers.count).toBe(small.workers.count)
  })

  it('needs half the workers if cores are twice as fast', () => {
    const workers = (speed: number) =>
      sizeCluster({ faces: 1e6, rate: 200 }, { costs: COSTS, assumptions: assumptions({ speed }) })!.plan
        .workers
    expect(workers(1).count).toBe(9)
    expect(workers(2).count).toBe(5)
  })

  it('is not found where one search alone takes too long', () => {
    const slow = { ...COSTS, cpu: { ...COSTS.cpu, inference: 400 } }
    expect(sizeCluster({ faces: 1e6, rate: 5 }, { costs: slow, assumptions: assumptions() })).toBeNull()
  })

  it('has a price that follows the assumed ones', () => {
    const { plan } = sizeCluster({ faces: 1e6, rate: 20 }, { costs: COSTS, assumptions: assumptions() })!
    const [once, twice] = [assumptions(), assumptions({ vcpuHour: 0.08 })].map((given) =>
      priceOf(plan, given),
    )
    expect(twice!.perMonth - once!.perMonth).toBeCloseTo(once!.cores * 730 * 0.04, 6)
  })

  it('breaks down where its first part is said to end', () => {
    const given = assumptions({ workerThreads: 1 })
    const { plan } = sizeCluster({ faces: 1e6, rate: 20 }, { costs: COSTS, assumptions: given })!
    const worker = saturations(plan, given).find(({ part }) => part === 'worker')!
    const most = worker.perSecond * plan.workers.count
    const at = (rate: number) =>
      p95Of({ ...plan, load: [{ lane: 'search', rateAt: () => rate, mostRate: rate }] }, rate)
    expect(at(0.8 * most)).toBeLessThan(1_000)
    expect(at(1.2 * most)).toBeGreaterThan(3_000)
  })
})
