import { randomUUID } from 'node:crypto'
import { type Clock, type JobHandler, LANES, type Lane } from '@semblance/core'
import type { BullmqJobReport } from '../job-report.ts'
import { queueNames } from '../queue-names.ts'
import { openPatientRedis, readyOrLate } from '../redis/open-redis.ts'
import { RedisClock } from '../redis/redis-clock.ts'
import { RedisLink } from '../redis/redis-link.ts'
import { BlockingWait } from './blocking-wait.ts'
import { type BullmqWorker, FetchingWorker } from './bullmq-worker.ts'
import { CancelListener } from './cancel-listener.ts'
import type { JobHandlingDeps } from './job-handling.ts'
import { LaneWorkers } from './lane-workers.ts'

export interface BullmqWorkerOptions {
  readonly redisUrl: string
  /** The same as that of the gateways. */
  readonly prefix: string
  readonly lanes: readonly Lane[]
  readonly handlers: Readonly<Record<string, JobHandler>>
  /** The most jobs that run at once, all lanes together. */
  readonly concurrency: number
  /** How many of these places only the most urgent lane may take. The default is 0. */
  readonly reserved?: number
  /** How many jobs the machine really works on at once, for estimates of waits. The default is `concurrency`. */
  readonly parallelism?: number
  /** The model packs that this process has loaded now, which it tells the gateways. Must not throw. The default is none. */
  readonly packs?: () => readonly string[]
  /** Those of them whose networks answer to no picture now. Must not throw. The default is none. */
  readonly deadPacks?: () => readonly string[]
  readonly clock: Clock
  /** Must not throw. */
  readonly observe?: (report: BullmqJobReport) => void
  /** Called with faults of the connection to Redis. Must not throw. */
  readonly onFault?: (fault: unknown) => void
  /** Called with exceptions that no handler should throw. Must not throw. The default is `onFault`. */
  readonly onUnexpected?: JobHandlingDeps['onUnexpected']
  /** After so long a job whose worker is silent is taken by another one. The default is 5000. */
  readonly lockMs?: number
  /** How many times more a job is tried whose worker died. The default is 2. */
  readonly triesAfterDeath?: number
}

/** It is short, so that a search can be answered within its deadline of 10 s although its worker was killed. */
const LOCK_MS = 5000
const TRIES_AFTER_DEATH = 2
const SILENCE_MS = 5000
const ANSWER_MS = 1000
const LONGEST_BEAT_MS = 1000
const CONNECT_PATIENCE_MS = 2000

/** Opens a worker that takes jobs from now on, most urgent lane first. If Redis is away, it begins when Redis comes. */
export async function openBullmqWorker(options: BullmqWorkerOptions): Promise<BullmqWorker> {
  const { redisUrl, clock, handlers, concurrency, observe = () => {}, onFault = () => {} } = options
  // One place is left to all lanes, or a worker with one place would serve one lane only.
  const reserved = Math.min(options.reserved ?? 0, concurrency - 1)
  const { lockMs = LOCK_MS, triesAfterDeath = TRIES_AFTER_DEATH } = options
  const names = queueNames(options.prefix)
  const lanes = LANES.filter((lane) => options.lanes.includes(lane))
  const redis = openPatientRedis(redisUrl, onFault, SILENCE_MS)
  const worker: FetchingWorker = new FetchingWorker({
    id: randomUUID(),
    link: new RedisLink({ redis, answerMs: ANSWER_MS }),
    workers: new LaneWorkers({ redis, names, lanes, lockMs, triesAfterDeath, onFault }),
    blockingWait: new BlockingWait({ redisUrl, names, lanes, onFault }),
    urgentWait:
      reserved > 0 && lanes.length > 1
        ? new BlockingWait({ redisUrl, names, lanes: lanes.slice(0, 1), onFault })
        : null,
    cancels: new CancelListener({
      redisUrl,
      channel: names.cancel,
      onCancel: (message) => worker.cancel(message),
      onFault,
    }),
    redisClock: new RedisClock(clock),
    names,
    clock,
    lanes,
    concurrency,
    reserved,
    parallelism: options.parallelism ?? concurrency,
    handlers,
    packs: options.packs ?? (() => []),
    deadPacks: options.deadPacks ?? (() => []),
    beatMs: Math.min(LONGEST_BEAT_MS, lockMs / 3),
    observe,
    onFault,
    onUnexpected: options.onUnexpected ?? onFault,
  })
  await readyOrLate(redis, CONNECT_PATIENCE_MS)
  worker.start()
  return worker
}
