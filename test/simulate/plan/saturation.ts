import type { Assumptions } from '../assumptions.ts'
import type { ClusterPlan } from '../model/cluster-plan.ts'

/** How many searches a second one unit of a part does at most, and what is added when it is reached. */
export interface Saturation {
  readonly part: string
  readonly unit: string
  readonly perSecond: number
  readonly add: string
}

export function saturations(plan: ClusterPlan, assumptions: Assumptions): readonly Saturation[] {
  const { gateway, worker, store } = plan.demands
  const { index } = plan
  const perSecond = (cores: number, cpuMs: number) => (cores * 1000) / cpuMs
  const indexMs = index.shards * index.shardMs + index.questionMs
  return [
    {
      part: 'gateway',
      unit: 'one process, whose main thread is one core',
      perSecond: perSecond(1, gateway.takeMs + gateway.answerMs),
      add: 'gateways behind the load balancer',
    },
    {
      part: 'Redis',
      unit: 'one server, which does one thing at a time',
      perSecond: perSecond(1, gateway.redisMs),
      add: 'a faster core; beyond that a second installation, since a queue is on one server',
    },
    {
      part: 'worker',
      unit: `one of ${assumptions.workerThreads} inference threads and as many cores`,
      perSecond: perSecond(plan.workers.cores, worker.inferenceMs.search + worker.otherMs),
      add: 'workers',
    },
    {
      part: 'Qdrant',
      unit: `one core, ${index.shards} shards of that gallery`,
      perSecond: perSecond(1, indexMs),
      add: 'nodes with further copies of the shards; fewer shards cost less for each search',
    },
    {
      part: 'MongoDB',
      unit: 'one core (assumed, not measured)',
      perSecond: perSecond(1, store.cpuMs),
      add: 'a larger primary',
    },
  ]
}
