import { type Lane, noWorker, queueUnavailable } from '@semblance/core'
import type { QueueNames } from '../queue-names.ts'
import { tellRefused } from '../read-scaling.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { JobWriter } from './job-writer.ts'
import type { LaneAdmission } from './lane-admission.ts'
import type { QueuedJob } from './queued-job.ts'
import type { QueuedJobs } from './queued-jobs.ts'

export interface CallerWatchDeps {
  readonly link: RedisLink
  readonly names: QueueNames
  readonly jobs: QueuedJobs
  readonly writer: JobWriter
  readonly admission: LaneAdmission
  /** Monotonic, milliseconds. */
  readonly now: () => number
}

/** The connection that reads answers may come back so much later. */
const ANSWERS_FIRST_MS = 1500
/** Who has waited for so long is looked after: is anybody there to do it? */
const LOOKED_AFTER_MS = 1_000

/** Tells callers at once whose answer may never come: Redis is away or lost the job, or no worker serves the lane. */
export class CallerWatch {
  readonly #deps: CallerWatchDeps
  /** Jobs refused for want of a worker, and not yet told to Redis. */
  readonly #unserved = new Map<Lane, number>()

  constructor(deps: CallerWatchDeps) {
    this.#deps = deps
  }

  /** Redis has been away for a while: nobody is kept waiting for an answer that may be lost with it. */
  onAway(fault: unknown): void {
    const { jobs } = this.#deps
    for (const job of jobs.all) jobs.fail(job, queueUnavailable(fault))
  }

  /** Redis is back, perhaps without the last second of its memory: whose job is lost need not wait for the deadline. */
  async onBack(): Promise<void> {
    const { admission, jobs, writer } = this.#deps
    admission.forgiveAbsence()
    const added = jobs.all.filter(({ isAdded }) => isAdded)
    if (added.length === 0) return
    try {
      const missing = await writer.missing(added)
      // A job is gone also when it has been answered; such an answer is read first.
      await new Promise((resolve) => setTimeout(resolve, ANSWERS_FIRST_MS))
      for (const job of missing) jobs.fail(job, queueUnavailable(new Error('Redis lost the job')))
    } catch {
      // Away again: the next time it is back.
    }
  }

  /** To be called every second or so. Never rejects. */
  async refuseUnserved(): Promise<void> {
    const { link, names, jobs, admission, now } = this.#deps
    try {
      const isDue = ({ isAdded, since }: QueuedJob) => isAdded && now() - since >= LOOKED_AFTER_MS
      const waiting = jobs.all.filter(isDue)
      if (waiting.length > 0) {
        const report = await admission.read()
        const isUnserved = ({ request }: QueuedJob) => admission.lacksWorker(report, request.lane)
        await Promise.all(waiting.filter(isUnserved).map((job) => this.#refuseUnlessRunning(job)))
      }
      if (this.#unserved.size === 0) return
      const refused = new Map(this.#unserved)
      this.#unserved.clear()
      await link.call((redis) => tellRefused(redis, names, refused))
    } catch {
      // Redis is away: whoever waits is told so.
    }
  }

  refuse(job: QueuedJob): void {
    const { lane } = job.request
    this.#unserved.set(lane, (this.#unserved.get(lane) ?? 0) + 1)
    this.#deps.jobs.fail(job, noWorker(lane))
  }

  /** A worker that is told to stop finishes what it has; such a job cannot be removed, and its caller goes on waiting. */
  async #refuseUnlessRunning(job: QueuedJob): Promise<void> {
    if (await this.#deps.writer.remove(job)) this.refuse(job)
  }
}
