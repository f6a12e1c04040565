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
import { LaneWorkers } from './lane-workers.ts'

export interface BullmqWorkerOptions {
  readonly redisUrl: string
  /** The gateways' prefix. */
  readonly prefix: string
  readonly lanes: readonly Lane[]
  readonly handlers: Readonly<Record<string, JobHandler>>
  /** Jobs running at once, all lanes together. */
  readonly concurrency: number
  /** Of these, places that only the most urgent lane may take; none where it is not said. */
  readonly reserved?: number
  /** Jobs that the machine gets on with at once, for estimates of waits; `concurrency` where it is not said. */
  readonly parallelism?: number
  readonly clock: Clock
  /** Must not throw. */
  readonly observe?: (report: BullmqJobReport) => void
  /** Faults of the connection to Redis. Must not throw. */
  readonly onFault?: (fault: unknown) => void
  /** Exceptions that no handler should throw: the job is set aside. Must not throw; `onFault` where it is not said. */
  readonly onUnexpected?: (fault: unknown) => void
  /** A job whose worker has been silent for so long is taken by another; 5000 where it is not said. */
  readonly lockMs?: number
  /** A job whose worker died is tried so many times more; 2 where it is not said. */
  readonly triesAfterDeath?: number
}

/** Short, so that a search may still be answered within its deadline of 10 s after its worker was killed. */
const LOCK_MS = 5000
const TRIES_AFTER_DEATH = 2
const SILENCE_MS = 5000
const ANSWER_MS = 1000
const LONGEST_BEAT_MS = 1000
const CONNECT_PATIENCE_MS = 2000

/** Takes jobs from now on, most urgent lane first. Opens with Redis away, too, and begins when it is there. */
export async function openBullmqWorker(options: BullmqWorkerOptions): Promise<BullmqWorker> {
  const { redisUrl, clock, handlers, concurrency, observe = () => {}, onFault = () => {} } = options
  // One place is for all, or a worker of one place would serve one lane only.
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
      onCancel: (jobId) => worker.cancel(jobId),
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
    beatMs: Math.min(LONGEST_BEAT_MS, lockMs / 3),
    observe,
    onFault,
    onUnexpected: options.onUnexpected ?? onFault,
  })
  await readyOrLate(redis, CONNECT_PATIENCE_MS)
  worker.start()
  return worker
}
