import { queueUnavailable } from '@semblance/core'
import type { JobsOptions } from 'bullmq'
import type { Redis } from 'ioredis'
import { TAKEN_FIELD, takeOutWaiting } from '../bullmq-internals.ts'
import { sealEnvelope } from '../job-envelope.ts'
import { type QueueNames, unlessBegun } from '../queue-names.ts'
import type { RedisClock } from '../redis/redis-clock.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { LaneQueues } from './lane-queues.ts'
import type { QueuedJob } from './queued-job.ts'

export interface JobWriterDeps {
  readonly link: RedisLink
  readonly queues: LaneQueues
  readonly redisClock: RedisClock
  readonly names: QueueNames
  /** The name of this run of this process among all gateways. */
  readonly gateway: string
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

/** How much longer than its job's deadline a payload lives that lies under a key of its own. */
const PAYLOAD_GRACE_MS = 60_000

/** Puts jobs into Redis and takes them out again. */
export class JobWriter {
  readonly #deps: JobWriterDeps

  constructor(deps: JobWriterDeps) {
    this.#deps = deps
  }

  async add(job: QueuedJob): Promise<void> {
    const { link, queues, redisClock, names, gateway } = this.#deps
    const { name, lane, payload, deadlineMs } = job.request
    if (!redisClock.isMeasured) throw queueUnavailable(new Error('the clock of Redis is not known yet'))
    const now = redisClock.now()
    const deadlineAt = now + deadlineMs - (this.#deps.now() - job.since)
    const { envelope, aside } = sealEnvelope({ payload, replyTo: gateway, beats: true, deadlineAt })
    const options: JobsOptions = { jobId: job.id, timestamp: Math.round(now) }
    job.isQueued = true
    await link.call(async (redis) => {
      const queue = await queues.of(lane)
      if (aside !== null) {
        job.hasPayloadAside = true
        await redis.set(names.payload(job.id), aside, 'PX', Math.ceil(deadlineMs + PAYLOAD_GRACE_MS))
      }
      await queue.add(name, envelope, options)
    })
    job.isAdded = true
  }

  /** Removes a job that waits. False for a job that a worker has: that one cannot be removed. */
  remove(job: QueuedJob): Promise<boolean> {
    return this.#deps.link.call((redis) => this.#removeFrom(redis, job))
  }

  /** Removes a job that still waits, or tells the worker that runs it. If neither arrives, its deadline ends the job. */
  async takeBack(job: QueuedJob): Promise<void> {
    if (!job.isQueued) return
    const { link, names } = this.#deps
    try {
      await link.call(async (redis) => {
        if (!(await this.#removeFrom(redis, job))) await redis.publish(names.cancel, job.id)
      })
    } catch {
      // Redis is away, and the caller has been answered.
    }
  }

  /**
   * Removes a job that still waits, or asks the worker that has it to end it unless it has a place by now: an answer comes then.
   * Answers whether it was removed. If Redis is away, the job goes on.
   */
  async withdraw(job: QueuedJob): Promise<boolean> {
    const { link, names } = this.#deps
    try {
      return await link.call(async (redis) => {
        const isTaken = await takeOutWaiting(redis, names.bull(job.request.lane), job.id)
        if (isTaken && job.hasPayloadAside) await redis.del(names.payload(job.id))
        if (!isTaken) await redis.publish(names.cancel, unlessBegun(job.id))
        return isTaken
      })
    } catch {
      return false
    }
  }

  /** Whether a worker has, or had, the job. True, too, if Redis cannot say so: then nobody is to wait on. */
  async wasTaken(job: QueuedJob): Promise<boolean> {
    const { link, names } = this.#deps
    const key = `${names.bull(job.request.lane).jobPrefix}${job.id}`
    try {
      const taken = await link.call((redis) => redis.hget(key, TAKEN_FIELD))
      return Number(taken ?? 0) > 0
    } catch {
      return true
    }
  }

  /** Finds those of the jobs that Redis does not have, because they have ended or because it lost them. */
  async missing(jobs: readonly QueuedJob[]): Promise<readonly QueuedJob[]> {
    const { link, names } = this.#deps
    const keys = jobs.map(({ id, request }) => `${names.bull(request.lane).jobPrefix}${id}`)
    const found = await link.call((redis) => Promise.all(keys.map((key) => redis.exists(key))))
    return jobs.filter((_, i) => found[i] === 0)
  }

  async #removeFrom(redis: Redis, job: QueuedJob): Promise<boolean> {
    const { queues, names } = this.#deps
    const removed = await (await queues.of(job.request.lane)).remove(job.id)
    if (removed > 0 && job.hasPayloadAside) await redis.del(names.payload(job.id))
    return removed > 0
  }
}
