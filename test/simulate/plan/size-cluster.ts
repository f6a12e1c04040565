import type { Assumptions } from '../assumptions.ts'
import { demandsOf } from '../demands.ts'
import type { SearchCpu } from '../measured.ts'
import { Cluster } from '../model/cluster.ts'
import type { ClusterPlan } from '../model/cluster-plan.ts'
import { quantileOf } from '../model/observations.ts'
import type { ShardCost } from './index-cost.ts'

/** What is wanted. */
export interface Wanted {
  readonly faces: number
  /** Searches a second. */
  readonly rate: number
}

/** What work costs: measured. */
export interface Costs {
  readonly cpu: SearchCpu
  readonly spread: number
  readonly shard: ShardCost
  /** What a search waits for the index beyond its work there, ms. */
  readonly indexDelayMs: number
  readonly bytesPerFace: number
}

export interface Sized {
  readonly plan: ClusterPlan
  readonly p95Ms: number
}

/** Of the memory of a Qdrant node, what vectors may take. */
const USABLE_MEMORY = 0.8
const GB = 1e9
const DEADLINE_MS = 10_000
const QUEUE_LIMIT = 256
/** Searches that are simulated: a p95 of so many is right to a few percent. */
const SEARCHES = 5_000
const WARM_UP_MS = 10_000
const MOST_TRIES = 8
/** Shards are made up to so many times smaller, if they then fill the nodes better. */
const MOST_FINER = 4

/** The smallest cluster that holds the faces, answers the searches with its p95, and has parts that are not too busy. */
export function sizeCluster(
  wanted: Wanted,
  { costs, assumptions }: { readonly costs: Costs; readonly assumptions: Assumptions },
): Sized | null {
  const given = { wanted, costs, assumptions }
  let plan = leastPlan(given)
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const p95Ms = p95Of(plan, wanted.rate)
    if (p95Ms <= assumptions.p95Ms) return { plan, p95Ms }
    plan = more(plan)
  }
  return null
}

interface Given {
  readonly wanted: Wanted
  readonly costs: Costs
  readonly assumptions: Assumptions
}

/** By utilization and memory alone. */
function leastPlan(given: Given): ClusterPlan {
  const { wanted, costs, assumptions } = given
  const { workerThreads, mostBusy, speed } = assumptions
  const demands = demandsOf(scaled(costs.cpu, 1 / speed), {
    spread: costs.spread,
    networkMs: assumptions.networkMs,
    store: {
      cpuMs: assumptions.mongoCpuMs,
      delayMs: assumptions.mongoDelayMs + costs.indexDelayMs,
      parallelism: 8,
    },
  })
  const { inferenceMs, otherMs } = demands.worker
  // Threads and main thread share the cores of the worker: it has one core for each inference thread.
  const perWorker = (workerThreads * 1000 * mostBusy) / (inferenceMs.search + otherMs)
  const perGateway =
    (assumptions.gatewayCores * 1000 * mostBusy) / (demands.gateway.takeMs + demands.gateway.answerMs)
  return {
    // Two at least, of all that can be had twice: one may be lost.
    gateways: { count: atLeastTwo(wanted.rate / perGateway), cores: assumptions.gatewayCores },
    workers: { count: atLeastTwo(wanted.rate / perWorker), cores: workerThreads, threads: workerThreads },
    index: leastIndex(given),
    demands,
    slownessAt: () => 1,
    deadlineMs: DEADLINE_MS,
    queueLimit: QUEUE_LIMIT,
    autoscaler: null,
    load: [{ lane: 'search', rateAt: () => wanted.rate, mostRate: wanted.rate }],
    arrivals: [],
  }
}

/** The fewest nodes whose memory and cores suffice, and as few shards as that allows, since each of them is asked. */
function leastIndex(given: Given): ClusterPlan['index'] {
  const fewest = Math.ceil(given.wanted.faces / given.assumptions.mostFacesPerShard)
  const all = Array.from({ length: fewest * MOST_FINER }, (_, more) => indexOf(given, fewest + more))
  return all.reduce((best, one) => (one.nodes < best.nodes ? one : best))
}

/** With so many shards: a node holds as many copies as its memory and its cores can bear. */
function indexOf({ wanted, costs, assumptions }: Given, shards: number): ClusterPlan['index'] {
  const { nodeCores, nodeMemoryGb, replicas, mostBusy, speed } = assumptions
  const shardMs = costs.shard.shardMs(wanted.faces / shards) / speed
  const questionMs = costs.shard.questionMs / speed
  const copies = shards * replicas
  const copyBytes = (wanted.faces / shards) * costs.bytesPerFace
  // A copy answers its share of the searches.
  const copyCores = (wanted.rate * (shardMs + questionMs / shards)) / 1000 / replicas
  const perNode = Math.min(
    (nodeMemoryGb * GB * USABLE_MEMORY) / copyBytes,
    (nodeCores * mostBusy) / copyCores,
  )
  const nodes = Math.max(replicas, Math.ceil(copies / Math.max(1, Math.floor(perNode))))
  return { nodes, coresPerNode: nodeCores, shards, replicas, shardMs, questionMs, spread: costs.spread }
}

/** A tenth more workers: they are what searches wait for, as long as no part is too busy. */
function more(plan: ClusterPlan): ClusterPlan {
  const grown = (count: number) => count + Math.max(1, Math.round(count / 10))
  return { ...plan, workers: { ...plan.workers, count: grown(plan.workers.count) } }
}

/** Infinite if anybody was refused or answered too late. */
export function p95Of(plan: ClusterPlan, rate: number): number {
  const ms = WARM_UP_MS + (SEARCHES * 1000) / rate
  const cluster = new Cluster(plan, 1)
  cluster.runUntil(ms + DEADLINE_MS)
  const seen = cluster.seen.between(WARM_UP_MS, ms)
  return seen.refused + seen.late > 0 ? Number.POSITIVE_INFINITY : quantileOf(seen.times, 0.95)
}

function scaled(cpu: SearchCpu, by: number): SearchCpu {
  return {
    gateway: cpu.gateway * by,
    redis: cpu.redis * by,
    store: cpu.store * by,
    index: cpu.index * by,
    inference: cpu.inference * by,
    workerRest: cpu.workerRest * by,
  }
}

function atLeastTwo(count: number): number {
  return Math.max(2, Math.ceil(count))
}
