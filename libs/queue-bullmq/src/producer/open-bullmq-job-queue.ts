import { randomUUID } from 'node:crypto'
import type { Clock, Lane } from '@semblance/core'
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
  /** Names one installation within Redis; letters, digits and dashes. */
  readonly prefix: string
  /** For keys and connections that a person looks at; two gateways, or two runs of one, may have the same. */
  readonly gatewayId: string
  /** Most jobs that may wait in a lane beyond those that run at once; 1024 where it is not said. */
  readonly limits?: Readonly<Partial<Record<Lane, number>>>
  readonly clock: Clock
  /** Must not throw. */
  readonly observe?: (report: BullmqJobReport) => void
  /** Faults that no caller sees, such as a lost connection, once an outage. Must not throw. */
  readonly onFault?: (fault: unknown) => void
  /** Redis counts as away once it has not answered for so long; 1000 where it is not said. */
  readonly answerMs?: number
}

const DEFAULT_LIMIT = 1024
const ANSWER_MS = 1000
/** Redis may be away for so long before waiting callers are refused: a server that takes over needs a moment. */
const GRACE_MS = 1000
const CLOCK_EVERY_MS = 2000
/** So that whoever waits for a worker that is gone for good is told within a second more than it may be gone. */
const LOOK_EVERY_MS = 1000
const CONNECT_PATIENCE_MS = 2000

/** The gateway's side of the queue. Opens with Redis away, too: then every call throws until it is there. */
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
      clearInterval(timer)
      clearInterval(watch)
      await reader.close()
    },
  })
  let isOpen = false
  redis.on('ready', () => {
    void measure()
    if (isOpen) void queue.onBack()
  })
  await readyOrLate(redis, CONNECT_PATIENCE_MS)
  isOpen = true
  await measure()
  return queue
}
