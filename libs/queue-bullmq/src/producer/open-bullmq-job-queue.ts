import { randomUUID } from 'node:crypto'
import type { Clock, Lane } from '@semblance/core'
import { GatewayBeat } from '../gateway-beat.ts'
import type { BullmqJobReport } from '../job-report.ts'
import { queueNames } from '../queue-names.ts'
import { openImpatientRedis, readyOrLate } from '../redis/open-redis.ts'
import { RedisClock } from '../redis/redis-clock.ts'
import { RedisLink } from '../redis/redis-link.ts'
import { type BullmqJobQueue, LinkedJobQueue, laneLimits } from './bullmq-job-queue.ts'
import { LaneQueues } from './lane-queues.ts'
import { ReplyReader } from './reply-reader.ts'

export interface BullmqJobQueueOptions {
  readonly redisUrl: string
  /** The name of one installation within Redis. It has letters, digits and dashes. */
  readonly prefix: string
  /** A name for people who look at keys in Redis. Two gateways, or two runs of one, may have the same. */
  readonly gatewayId: string
  /** The most jobs that may wait in a lane beyond those that run at once. The default is 1024. */
  readonly limits?: Readonly<Partial<Record<Lane, number>>>
  readonly clock: Clock
  /** Must not throw. */
  readonly observe?: (report: BullmqJobReport) => void
  /** Called with faults that no caller sees, such as a lost connection, once for each outage. Must not throw. */
  readonly onFault?: (fault: unknown) => void
  /** Redis counts as away once it has not answered for so long. The default is 1000. */
  readonly answerMs?: number
  /** Once this gateway has given no sign of life for so long, its jobs are dropped. The default is 10000. */
  readonly livesMs?: number
}

const DEFAULT_LIMIT = 1024
const ANSWER_MS = 1000
/** Waiting callers are refused when Redis has been away for so long. A server that takes over needs a moment. */
const GRACE_MS = 1000
const CLOCK_EVERY_MS = 2000
/** Callers whose worker is gone for good are told so much later than `WORKER_RETURNS_MS` at the most. */
const LOOK_EVERY_MS = 1000
const CONNECT_PATIENCE_MS = 2000

/** Opens the gateway's side of the queue. If Redis is away, every call throws until it is there. */
export async function openBullmqJobQueue(options: BullmqJobQueueOptions): Promise<BullmqJobQueue> {
  const { redisUrl, prefix, clock, observe = () => {}, onFault = () => {} } = options
  const names = queueNames(prefix)
  const gateway = `${options.gatewayId.replaceAll(/[^A-Za-z0-9.-]/g, '-')}-${randomUUID()}`
  const redis = openImpatientRedis(redisUrl, onFault)
  const link = new RedisLink({
    redis,
    answerMs: options.answerMs ?? ANSWER_MS,
    graceMs: GRACE_MS,
    onAway: (fault) => queue.onAway(fault),
  })
  const beat = new GatewayBeat({ link, names, gateway, livesMs: options.livesMs })
  const redisClock = new RedisClock(clock)
  const reader = new ReplyReader({
    redisUrl,
    key: names.replies(gateway),
    onReply: (reply) => queue.onReply(reply),
    onFault,
  })
  const measure = () => link.call((one) => redisClock.measure(() => one.time())).catch(() => {})
  // An idle gateway notices by it that Redis has fallen silent.
  const timer = setInterval(() => void measure(), CLOCK_EVERY_MS)
  const watch = setInterval(() => void queue.refuseUnserved(), LOOK_EVERY_MS)
  const queue = new LinkedJobQueue({
    link,
    queues: new LaneQueues(redis, names, onFault),
    redisClock,
    names,
    clock,
    gateway,
    limits: laneLimits(options.limits ?? {}, DEFAULT_LIMIT),
    observe,
    closeRest: async () => {
      for (const one of [timer, watch]) clearInterval(one)
      await Promise.all([beat.end(), reader.close()])
    },
  })
  let isOpen = false
  redis.on('ready', () => {
    void measure()
    // Before any job of ours: a gateway that was cut off for a while may count as dead.
    void beat.beat()
    if (isOpen) void queue.onBack()
  })
  await readyOrLate(redis, CONNECT_PATIENCE_MS)
  isOpen = true
  await Promise.all([measure(), beat.beat()])
  return queue
}
