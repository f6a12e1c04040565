import {
  AppError,
  type Clock,
  deadlineMissed,
  type JobHandler,
  type JobQueue,
  type JobRequest,
  jobFailed,
  LANES,
  type Lane,
  type LaneLoad,
  overloaded,
  runInScope,
  shuttingDown,
} from '@semblance/core'
import { LaneBacklog } from './lane-backlog.ts'
import { type JobOutcome, QueuedJob } from './queued-job.ts'
import { ServiceTimes } from './service-times.ts'

/** Told once for each job, when it has left its place for good. */
export interface JobReport {
  readonly job: string
  readonly lane: Lane
  readonly waitedMs: number
  /** 0 if it never ran. */
  readonly ranMs: number
  readonly outcome: JobOutcome
}

export interface InProcessJobQueueOptions {
  readonly handlers: Readonly<Record<string, JobHandler>>
  /** Most jobs that may wait in a lane; 256 where it is not said. */
  readonly lanes?: Readonly<Partial<Record<Lane, { readonly limit: number }>>>
  /** Jobs running at once, all lanes together. */
  readonly concurrency: number
  /** Of these, places that only searches may take, so that they need not wait for a place; none where it is not said. */
  readonly reserved?: number
  /** Jobs that the machine gets on with at once, for estimates of waits; `concurrency` where it is not said. */
  readonly parallelism?: number
  readonly clock: Clock
  /** Must not throw. */
  readonly observe?: (report: JobReport) => void
}

const DEFAULT_LIMIT = 256
const MAX_RETRY_AFTER_S = 60

/** Jobs in this process. Payloads and results are handed over as they are: neither side may change them. */
export function createInProcessJobQueue(options: InProcessJobQueueOptions): JobQueue {
  return new InProcessJobQueue(options)
}

interface RunningJob {
  readonly job: QueuedJob
  readonly startedAt: number
  /** Spent aside so far. */
  asideMs: number
}

class InProcessJobQueue implements JobQueue {
  readonly #options: InProcessJobQueueOptions
  readonly #backlog = new LaneBacklog<QueuedJob>()
  /** Waiting for strangers, outside of the places. */
  readonly #preparing = new Set<QueuedJob>()
  readonly #running = new Set<RunningJob>()
  /** Of the running: those that gave their place to others for now, as many as may wait in their lane. */
  readonly #aside = new Set<RunningJob>()
  readonly #times = new ServiceTimes()
  #closed = false
  readonly #idle: (() => void)[] = []

  constructor(options: InProcessJobQueueOptions) {
    this.#options = options
  }

  run(request: JobRequest, waiting: { readonly signal: AbortSignal }): Promise<unknown> {
    if (waiting.signal.aborted) return Promise.reject(waiting.signal.reason)
    const job = new QueuedJob(request, this.#now())
    const refusal = this.#refusalOf(request)
    if (refusal !== null) {
      job.reject(refusal.outcome, refusal.error)
      this.#report(job, 0)
      return job.answer
    }
    job.watch(waiting.signal, {
      expire: () => this.#giveUp(job, 'deadline', this.#deadlineError(job)),
      leave: () => this.#giveUp(job, 'aborted', waiting.signal.reason),
    })
    const preparing = this.#beginToPrepare(job)
    if (preparing === null) this.#await(job)
    else void this.#prepare(job, preparing)
    return job.answer
  }

  async load(): Promise<Readonly<Record<Lane, LaneLoad>>> {
    return { search: this.#loadOf('search'), enroll: this.#loadOf('enroll'), bulk: this.#loadOf('bulk') }
  }

  /** Waiting jobs are refused at once; running ones are told to stop when the signal aborts, and then not waited for. */
  async close(waiting: { readonly signal: AbortSignal }): Promise<void> {
    this.#closed = true
    for (const job of [...this.#backlog.all(), ...this.#preparing])
      this.#giveUp(job, 'shut-down', shuttingDown())
    if (this.#running.size > 0) await this.#idleOrAborted(waiting.signal)
    for (const { job } of this.#running) job.reject('shut-down', shuttingDown())
  }

  async #idleOrAborted(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const stop = () => resolve()
    this.#idle.push(stop)
    signal.addEventListener('abort', stop, { once: true })
    await promise
    signal.removeEventListener('abort', stop)
  }

  #refusalOf(request: JobRequest): { readonly outcome: JobOutcome; readonly error: AppError } | null {
    if (this.#closed) return { outcome: 'shut-down', error: shuttingDown() }
    if (this.#handlerOf(request.name) === null) {
      const error = jobFailed(request.name, new Error('no handler of this name is registered'))
      return { outcome: 'failed', error }
    }
    const waitMs = this.#expectedWaitMs(request.lane)
    if (request.deadlineMs <= 0) {
      return { outcome: 'deadline', error: deadlineMissed(request.name, retryAfterSeconds(waitMs)) }
    }
    if (this.#isFull(request.lane) || waitMs > request.deadlineMs) {
      return { outcome: 'overloaded', error: this.#fullError(request.lane) }
    }
    return null
  }

  /** Null for a job that waits for nobody. */
  #beginToPrepare(job: QueuedJob): Promise<unknown> | null {
    const { name, payload, deadlineMs } = job.request
    const context = { signal: job.signal, lane: job.lane, remainingMs: deadlineMs }
    const prepare = () => this.#handlerOf(name)?.prepare?.(payload, context) ?? null
    try {
      return runInScope(job.stray.scope, prepare)
    } catch (fault) {
      return Promise.reject(fault)
    }
  }

  async #prepare(job: QueuedJob, preparing: Promise<unknown>): Promise<void> {
    this.#preparing.add(job)
    try {
      job.prepared = await Promise.race([preparing, job.stray.thrown])
    } catch (error) {
      this.#fail(job, error)
    }
    this.#preparing.delete(job)
    // Strangers were waited for until now, not the machine.
    job.since = this.#now()
    if (job.outcome === null && this.#isFull(job.lane)) job.reject('overloaded', this.#fullError(job.lane))
    if (job.outcome === null) this.#await(job)
    else this.#report(job, 0)
  }

  #fail(job: QueuedJob, error: unknown): void {
    const fault = error instanceof AppError ? error : jobFailed(job.request.name, error)
    job.reject(fault.code === 'E_OVERLOADED' ? 'overloaded' : 'failed', fault)
  }

  #await(job: QueuedJob): void {
    this.#backlog.add(job)
    this.#startMore()
  }

  #startMore(): void {
    while (this.#placesTaken() < this.#options.concurrency) {
      const job = this.#backlog.next(this.#now(), { urgentOnly: !this.#hasPlaceForAll() })
      if (job === null) return
      // The timer of a blocked event loop comes late; a job past its deadline must not begin all the same.
      if (this.#now() - job.askedAt >= job.request.deadlineMs) {
        job.reject('deadline', this.#deadlineError(job))
        this.#report(job, 0)
      } else void this.#carryOut({ job, startedAt: this.#now(), asideMs: 0 })
    }
  }

  /** The place is free only when the handler has ended, answered or not: it is still using the machine. */
  async #carryOut(running: RunningJob): Promise<void> {
    const { job, startedAt } = running
    this.#running.add(running)
    try {
      const handler = this.#handlerOf(job.request.name)
      const { signal, lane, prepared } = job
      const common = { signal, lane, stepAside: () => this.#stepAside(running) }
      const context = prepared === undefined ? common : { ...common, prepared }
      const handling = runInScope(job.stray.scope, () => handler?.(job.request.payload, context))
      job.resolve(await Promise.race([handling, job.stray.thrown]))
    } catch (error) {
      this.#fail(job, error)
    }
    const { concurrency, parallelism = concurrency } = this.#options
    const atFullLoad = concurrency / Math.max(parallelism, this.#placesTaken())
    this.#running.delete(running)
    this.#aside.delete(running)
    this.#times.note(job.lane, (this.#now() - startedAt - running.asideMs) * atFullLoad)
    this.#report(job, this.#now() - startedAt)
    this.#startMore()
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** A job that comes back has a place at once, and none begins until there are no more than places again. */
  #stepAside(running: RunningJob): () => void {
    const since = this.#now()
    this.#aside.add(running)
    this.#startMore()
    return () => {
      if (this.#aside.delete(running)) running.asideMs += this.#now() - since
    }
  }

  #placesTaken(): number {
    return this.#running.size - this.#aside.size
  }

  #giveUp(job: QueuedJob, outcome: JobOutcome, error: unknown): void {
    const wasWaiting = this.#backlog.remove(job)
    job.reject(outcome, error)
    if (wasWaiting) this.#report(job, 0)
  }

  #report(job: QueuedJob, ranMs: number): void {
    const waitedMs = this.#now() - job.since - ranMs
    const outcome = job.outcome ?? 'failed'
    this.#options.observe?.({ job: job.request.name, lane: job.lane, waitedMs, ranMs, outcome })
  }

  #hasPlace(lane: Lane): boolean {
    if (this.#placesTaken() >= this.#options.concurrency) return false
    return lane === LANES[0] || this.#hasPlaceForAll()
  }

  /** One place is for all, or a queue of one place would run searches only. */
  #hasPlaceForAll(): boolean {
    const { concurrency, reserved = 0 } = this.#options
    const inPlaces = [...this.#running].filter((running) => !this.#aside.has(running))
    const others = inPlaces.filter(({ job }) => job.lane !== LANES[0]).length
    return others < Math.max(1, concurrency - reserved)
  }

  #handlerOf(name: string): JobHandler | null {
    return Object.hasOwn(this.#options.handlers, name) ? (this.#options.handlers[name] ?? null) : null
  }

  #isFull(lane: Lane): boolean {
    const limit = this.#options.lanes?.[lane]?.limit ?? DEFAULT_LIMIT
    const aside = [...this.#aside].filter(({ job }) => job.lane === lane).length
    if (this.#hasPlace(lane)) return aside > 0 && aside >= limit
    return this.#backlog.count(lane) + aside >= limit
  }

  /** Until a job that comes now would start: what is ahead of it in its own and the more urgent lanes. */
  #expectedWaitMs(lane: Lane): number {
    const { concurrency } = this.#options
    if (this.#hasPlace(lane)) return 0
    const ahead = LANES.slice(0, LANES.indexOf(lane) + 1)
    const aheadMs = ahead.reduce((sum, one) => sum + this.#backlog.count(one) * this.#times.meanMs(one), 0)
    return (aheadMs + this.#times.meanMs(lane)) / concurrency
  }

  #fullError(lane: Lane): AppError {
    return overloaded(`lane ${lane}`, retryAfterSeconds(this.#expectedWaitMs(lane)))
  }

  #deadlineError(job: QueuedJob): AppError {
    return deadlineMissed(job.request.name, retryAfterSeconds(this.#expectedWaitMs(job.lane)))
  }

  #loadOf(lane: Lane): LaneLoad {
    const oldest = this.#backlog.oldest(lane)
    return {
      waiting: this.#backlog.count(lane),
      active: [...this.#running].filter(({ job }) => job.lane === lane).length,
      preparing: [...this.#preparing].filter((job) => job.lane === lane).length,
      oldestWaitingMs: oldest === null ? 0 : this.#now() - oldest.since,
    }
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}

function retryAfterSeconds(waitMs: number): number {
  return Math.min(MAX_RETRY_AFTER_S, Math.max(1, Math.ceil(waitMs / 1000)))
}
