import { hostname } from 'node:os'
import { deadlinesOf, pictureLifetimeMs } from '@semblance/api'
import type { ClusterStores } from '@semblance/cluster'
import { type Clock, LANES, queueUnavailable } from '@semblance/core'
import {
  type BullmqJobQueue,
  openBullmqJobQueue,
  openRedisPicturesInFlight,
  RedisLog,
  type RedisPicturesInFlight,
} from '@semblance/queue-bullmq'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { GatewayConfig } from './config.ts'

export interface GatewayQueue {
  readonly jobs: BullmqJobQueue
  readonly inFlight: RedisPicturesInFlight
}

/** Opens with Redis away, too: jobs are refused until it is there. */
export async function openQueue(
  deps: {
    readonly config: GatewayConfig
    readonly logger: Logger
    readonly metrics: Metrics
    readonly clock: Clock
    readonly stores: ClusterStores
    readonly drain: () => AbortSignal
    /** This is told what is waited for, and why. */
    readonly onWaiting: (what: string, reason: string) => void
  },
  resources: AsyncDisposableStack,
): Promise<GatewayQueue> {
  const { config, logger, metrics, clock, stores } = deps
  let opened: BullmqJobQueue | null = null
  const check = async () => {
    if (opened === null) throw queueUnavailable(new Error('there is no connection yet'))
    await opened.check()
  }
  const log = new RedisLog({ logger, check, onWaiting: deps.onWaiting })
  resources.defer(() => log.close())
  const { onFault } = log
  const redis = { redisUrl: config.SEMBLANCE_REDIS_URL, prefix: config.SEMBLANCE_NAME, onFault }
  const limit = config.SEMBLANCE_QUEUE_LIMIT
  const jobs = await openBullmqJobQueue({
    ...redis,
    gatewayId: hostname(),
    limits: { search: limit, enroll: limit, bulk: limit },
    clock,
    observe: ({ job, outcome, waitedMs, ranMs }) =>
      metrics.observeJob({ name: job, outcome, waitSeconds: waitedMs / 1000, runSeconds: ranMs / 1000 }),
  })
  opened = jobs
  resources.defer(() => jobs.close({ signal: deps.drain() }))
  metrics.showDeadlines(deadlinesOf(config))
  metrics.setQueueLoad(() => jobs.scaling(), LANES)
  metrics.setQueueScaling(() => jobs.scaling(), LANES)
  const inFlight = await openRedisPicturesInFlight({
    ...redis,
    maxBytes: config.SEMBLANCE_IN_FLIGHT_BYTES,
    large: stores.largeInFlight,
    ttlMs: pictureLifetimeMs(config),
  })
  resources.defer(() => inFlight.close())
  return { jobs, inFlight }
}
