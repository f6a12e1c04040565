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

/** The connection that reads answers may come back so much later than the one for commands. */
const ANSWERS_FIRST_MS = 1500
/** After so long a wait it is checked whether a worker is there to do the job. */
const LOOKED_AFTER_MS = 1_000

/** Tells callers at once whose answer may never come: Redis is away or lost the job, or no worker serves the lane. */
export class CallerWatch {
  readonly #deps: CallerWatchDeps
  /** Jobs refused for want of a worker, and not yet told to Redis. */
  readonly #unserved = new Map<Lane, number>()

  constructor(deps: CallerWatchDeps) {
    this.#deps = deps
  }

  /** Refuses whoever waits when Redis has been away for a while, since their answers may be lost with it. */
  onAway(fault: unknown): void {
    const { jobs } = this.#deps
    for (const job of jobs.all) jobs.fail(job, queueUnavailable(fault))
  }

  /** Refuses those whose job is lost when Redis is back. It may have lost the last second of its memory. */
  async onBack(): Promise<void> {
    const { admission, jobs, writer } = this.#deps
    admission.expectWorkersBack()
    const added = jobs.all.filter(({ isAdded }) => isAdded)
    if (added.length === 0) return
    try {
      const missing = await writer.missing(added)
      // A job that has been answered is gone, too. Its answer is read in the meantime.
      await new Promise((resolve) => setTimeout(resolve, ANSWERS_FIRST_MS))
      for (const job of missing) jobs.fail(job, queueUnavailable(new Error('Redis lost the job')))
    } catch {
      // Redis is away again. This is repeated when it is back.
    }
  }

  /** Refuses those whose lane has lost its last worker. It is to be called each second and never rejects. */
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
      // Redis is away, and `onAway` tells those who wait.
    }
  }

  /** Refuses a caller for want of a worker. An autoscaler is told of it with the next look. */
  refuse(job: QueuedJob): void {
    const { lane } = job.request
    this.#unserved.set(lane, (this.#unserved.get(lane) ?? 0) + 1)
    this.#deps.jobs.fail(job, noWorker(lane))
  }

  /** Leaves a job that runs to its worker, which may be about to stop and finishes what it has. */
  async #refuseUnlessRunning(job: QueuedJob): Promise<void> {
    if (await this.#deps.writer.remove(job)) this.refuse(job)
  }
}
