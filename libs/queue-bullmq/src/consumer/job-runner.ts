import { shuttingDown, slowdownAtFullLoad, workerDied } from '@semblance/core'
import type { BullmqJobReport } from '../job-report.ts'
import type { ActiveJob } from './active-job.ts'
import { endJob, type JobEnd } from './job-ending.ts'
import { JobHandling, type JobHandlingDeps } from './job-handling.ts'
import type { LaneStatistics } from './lane-statistics.ts'

export interface JobRunnerDeps extends JobHandlingDeps {
  readonly concurrency: number
  /** How many jobs the machine really works on at once, for estimates of waits. */
  readonly parallelism: number
  readonly statistics: LaneStatistics
  readonly observe: (report: BullmqJobReport) => void
  readonly onFault: (fault: unknown) => void
}

/** Carries out jobs that were taken, each to its end in Redis, or hands them back. */
export class JobRunner {
  readonly #deps: JobRunnerDeps
  readonly #handling: JobHandling
  #closing = false

  constructor(deps: JobRunnerDeps) {
    this.#deps = deps
    this.#handling = new JobHandling(deps)
  }

  /** Begins a job. One that is taken while the worker closes goes back at once. */
  begin(job: ActiveJob): void {
    this.#deps.active.add(job)
    void (this.#closing ? this.handBack(job) : this.#carryOut(job))
  }

  /** Begins no job from now on. Those that run go on. */
  close(): void {
    this.#closing = true
  }

  /** Puts a job back into its lane, before all others. Another worker may take it at once. */
  async handBack(job: ActiveJob): Promise<void> {
    job.isHandedBack = true
    job.abort(shuttingDown())
    this.#deps.active.remove(job)
    try {
      await this.#deps.link.call(() => job.taken.job.moveToWait(job.taken.token))
    } catch {
      // Redis is away. The lock of the job runs out instead.
    }
    this.#report(job, { outcome: 'handed-back', ranMs: 0 })
  }

  async #carryOut(job: ActiveJob): Promise<void> {
    const { places, active, statistics, concurrency, parallelism, link, onFault } = this.#deps
    try {
      if (job.preparesFirst) active.beginToPrepare(job)
      else places.take(job)
      const end = this.#endBeforeBegin(job) ?? (await this.#handling.handle(job))
      const slowdown = slowdownAtFullLoad({ concurrency, parallelism, taken: places.taken })
      // The place is free now: what follows is work of Redis, and none of this machine.
      places.leave(job)
      active.changed()
      if (job.isHandedBack) return
      const ranMs = Math.max(0, end.ranMs - job.asideMs)
      if (ranMs > 0) statistics.note(job.lane, { ranMs, slowdown, isStopped: end.outcome === 'aborted' })
      await endJob({ ...this.#deps, redis: link.redis }, job, end)
      this.#report(job, end)
    } catch (fault) {
      // The job is still in the active list. A worker finds it there as stalled once its lock has run out.
      if (!this.#closing) onFault(fault)
    } finally {
      places.leave(job)
      active.remove(job)
    }
  }

  #endBeforeBegin({ taken, envelope }: ActiveJob): JobEnd | null {
    const { name, deferredFailure } = taken.job
    if (deferredFailure) {
      const fault = new Error('its worker died with it too many times')
      return { outcome: 'set-aside', ranMs: 0, reply: { error: workerDied(name) }, fault }
    }
    if (envelope === null) {
      return { outcome: 'set-aside', ranMs: 0, fault: new Error('no envelope of ours') }
    }
    return this.#deps.redisClock.now() >= envelope.deadlineAt ? { outcome: 'expired', ranMs: 0 } : null
  }

  #report({ taken, waitedMs }: ActiveJob, { outcome, ranMs }: JobEnd): void {
    this.#deps.observe({ job: taken.job.name, lane: taken.lane, waitedMs, ranMs, outcome })
  }
}
