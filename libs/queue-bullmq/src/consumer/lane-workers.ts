import type { Lane } from '@semblance/core'
import { createRedisBackend, type Job, type RedisQueueBackend, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { addMarker } from '../bullmq-internals.ts'
import type { QueueNames } from '../queue-names.ts'
import { exceptOutages } from '../redis/redis-faults.ts'

export interface LaneWorkersOptions {
  readonly redis: Redis
  readonly names: QueueNames
  readonly lanes: readonly Lane[]
  /** After so long without a renewal a lock runs out, and another worker may take the job. */
  readonly lockMs: number
  /** How many times more a job is tried whose worker died. */
  readonly triesAfterDeath: number
  readonly onFault: (fault: unknown) => void
}

type LaneWorker = Worker<unknown, null, string, RedisQueueBackend>

export interface TakenJob {
  readonly lane: Lane
  readonly job: Job<unknown, null>
  readonly token: string
}

/**
 * BullMQ's workers, one for each lane. They do not fetch by themselves, since the next lane is chosen among all of them.
 * They share one connection and have no blocking one of their own.
 */
export class LaneWorkers {
  readonly #options: LaneWorkersOptions
  readonly #workers: ReadonlyMap<Lane, LaneWorker>
  #counter = 0

  constructor(options: LaneWorkersOptions) {
    this.#options = options
    this.#workers = new Map(options.lanes.map((lane) => [lane, openLane(options, lane)]))
  }

  /** Takes the oldest job of the lane. Null if nothing waits. */
  async take(lane: Lane): Promise<TakenJob | null> {
    const worker = this.#of(lane)
    this.#counter += 1
    const token = `${worker.id}:${this.#counter}`
    // The declared type leaves out undefined, which is the answer when nothing waits.
    const job = (await worker.getNextJob(token, { block: false })) as Job<unknown, null> | undefined
    return job === undefined ? null : { lane, job, token }
  }

  /** Renews the locks of these jobs, so that no other worker takes them. */
  async renewLocks(taken: readonly TakenJob[]): Promise<void> {
    await Promise.all(
      this.#options.lanes.map(async (lane) => {
        const mine = taken.filter((one) => one.lane === lane)
        if (mine.length === 0) return
        const ids = mine.map(({ job }) => job.id ?? '')
        const tokens = mine.map(({ token }) => token)
        await this.#of(lane).extendJobLocks(ids, tokens, this.#options.lockMs)
      }),
    )
  }

  /** Puts jobs whose worker died back into their lane, or marks them to be set aside. Any worker does it for all. */
  async recoverStalled(): Promise<void> {
    await Promise.all(this.#options.lanes.map((lane) => this.#of(lane).getBackend().moveStalledJobsToWait()))
  }

  /** Wakes a worker that waits for this lane. */
  async wake(lane: Lane): Promise<void> {
    const { redis, names } = this.#options
    await addMarker(redis, names.bull(lane))
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#workers.values()].map((worker) => worker.close(true)))
  }

  #of(lane: Lane): LaneWorker {
    const worker = this.#workers.get(lane)
    if (worker === undefined) throw new Error(`lane ${lane} is not served`)
    return worker
  }
}

function openLane(options: LaneWorkersOptions, lane: Lane): LaneWorker {
  const worker: LaneWorker = new Worker(
    lane,
    null,
    {
      connection: options.redis,
      prefix: options.names.bullPrefix,
      autorun: false,
      lockDuration: options.lockMs,
      stalledInterval: options.lockMs / 2,
      maxStalledCount: options.triesAfterDeath,
    },
    (name, opts) => createRedisBackend(name, opts, { withBlockingConnection: false }),
  )
  worker.on('error', exceptOutages(options.onFault))
  return worker
}
