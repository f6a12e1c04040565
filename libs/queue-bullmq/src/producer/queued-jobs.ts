import { AppError, type ErrorCode, jobFailed } from '@semblance/core'
import type { JobReply } from '../job-reply.ts'
import type { BullmqJobOutcome, BullmqJobReport } from '../job-report.ts'
import type { QueuedJob } from './queued-job.ts'

export interface QueuedJobsDeps {
  /** Monotonic, milliseconds. */
  readonly now: () => number
  readonly observe: (report: BullmqJobReport) => void
}

const OUTCOMES: Readonly<Partial<Record<ErrorCode, BullmqJobOutcome>>> = {
  E_OVERLOADED: 'overloaded',
  E_QUEUE_UNAVAILABLE: 'unavailable',
  E_NO_WORKER: 'no-worker',
}

/** The jobs for whose answer a caller of this gateway waits. Each is answered once, and reported once. */
export class QueuedJobs {
  readonly #deps: QueuedJobsDeps
  readonly #jobs = new Map<string, QueuedJob>()
  #onEmpty: (() => void) | null = null

  constructor(deps: QueuedJobsDeps) {
    this.#deps = deps
  }

  get all(): readonly QueuedJob[] {
    return [...this.#jobs.values()]
  }

  add(job: QueuedJob): void {
    this.#jobs.set(job.id, job)
  }

  /** Answers the caller who waits for this reply. A reply for which nobody waits is dropped. */
  answer(reply: JobReply): void {
    const job = this.#jobs.get(reply.jobId)
    if (job === undefined) return
    const { end } = reply
    if (this.#settle(job, end)) this.#ended(job, reply)
  }

  #settle(job: QueuedJob, end: JobReply['end']): boolean {
    if ('json' in end) return job.resolve(JSON.parse(end.json))
    // The worker that had it without a place says so when it has let go of it.
    const isTaken = job.isWithdrawn && end.error.code === 'E_QUEUE_UNAVAILABLE'
    return isTaken ? job.reject('aborted', job.whyWithdrawn) : job.reject(outcomeOf(end.error), end.error)
  }

  /** Tells the caller E_JOB_FAILED of a fault that is no error of ours. */
  fail(job: QueuedJob, fault: unknown): void {
    const error = fault instanceof AppError ? fault : jobFailed(job.request.name, fault)
    this.reject(job, outcomeOf(error), error)
  }

  reject(job: QueuedJob, outcome: BullmqJobOutcome, error: unknown): void {
    if (!job.reject(outcome, error)) return
    this.#ended(job, { waitedMs: this.#deps.now() - job.since, ranMs: 0 })
  }

  /** Resolves once nobody waits any more, or when the signal aborts. */
  async emptyOrAborted(signal: AbortSignal): Promise<void> {
    if (this.#jobs.size === 0 || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const end = () => resolve()
    this.#onEmpty = end
    signal.addEventListener('abort', end, { once: true })
    await promise
    signal.removeEventListener('abort', end)
  }

  #ended(job: QueuedJob, times: { readonly waitedMs: number; readonly ranMs: number }): void {
    const { name, lane } = job.request
    const { waitedMs, ranMs } = times
    this.#jobs.delete(job.id)
    this.#deps.observe({ job: name, lane, waitedMs, ranMs, outcome: job.outcome })
    if (this.#jobs.size === 0) this.#onEmpty?.()
  }
}

function outcomeOf(error: AppError): BullmqJobOutcome {
  return OUTCOMES[error.code] ?? 'failed'
}
