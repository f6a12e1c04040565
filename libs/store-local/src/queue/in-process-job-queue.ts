import {
  AppError,
  type Clock,
  deadlineMissed,
  endsTooLate,
  expectedWaitMs,
  type JobHandler,
  type JobQueue,
  type JobRequest,
  type JobWaiting,
  jobFailed,
  LANES,
  type Lane,
  type LaneLoad,
  overloaded,
  type PlaceHolder,
  Places,
  type Preparation,
  retryAfterSeconds,
  roomOf,
  runInScope,
  ServiceTimes,
  shuttingDown,
  slowdownAtFullLoad,
} from '@semblance/core'
import { LaneBacklog } from './lane-backlog.ts'
import { type JobOutcome, QueuedJob } from './queued-job.ts'

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
const [URGENT] = LANES

/** Jobs in this process. Payloads and results are handed over as they are: neither side may change them. */
export function createInProcessJobQueue(options: InProcessJobQueueOptions): JobQueue {
  return new InProcessJobQueue(options)
}

interface RunningJob extends PlaceHolder {
  readonly job: QueuedJob
  readonly startedAt: number
}

class InProcessJobQueue implements JobQueue {
  readonly #options: InProcessJobQueueOptions
  readonly #backlog = new LaneBacklog<QueuedJob>()
  /** Waiting for strangers, outside of the places. */
  readonly #preparing = new Set<QueuedJob>()
  readonly #running = new Set<RunningJob>()
  /** Of the running, as many may be aside as may wait in their lane: `#isFull` sees to it. */
  readonly #places: Places<RunningJob>
  /** With every place taken. */
  readonly #times = new ServiceTimes()
  #closed = false
  readonly #idle: (() => void)[] = []

  constructor(options: InProcessJobQueueOptions) {
    this.#options = options
    const { concurrency, reserved = 0, clock } = options
    this.#places = new Places({ concurrency, reserved, urgent: URGENT, clock })
  }

  run(request: JobRequest, waiting: JobWaiting): Promise<unknown> {
    const { signal, unlessBegun } = waiting
    for (const one of [signal, unlessBegun]) if (one?.aborted === true) return Promise.reject(one.reason)
    const job = new QueuedJob(request, this.#now())
    const refusal = this.#refusalOf(request)
    if (refusal !== null) {
      job.reject(refusal.outcome, refusal.error)
      this.#report(job, 0)
      return job.answer
    }
    job.watch(waiting, {
      expire: () => this.#giveUp(job, 'deadline', this.#deadlineError(job)),
      leave: () => this.#giveUp(job, 'aborted', signal.reason),
      withdraw: () => {
        if (!job.hasBegun) this.#giveUp(job, 'aborted', unlessBegun?.reason)
      },
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
    const { lane, deadlineMs } = request
    const waitMs = this.#expectedWaitMs(lane)
    if (deadlineMs <= 0) {
      return { outcome: 'deadline', error: deadlineMissed(request.name, retryAfterSeconds(waitMs)) }
    }
    if (this.#isFull(request) || endsTooLate({ waitMs, serviceMs: this.#times.meanMs(lane), deadlineMs })) {
      return { outcome: 'overloaded', error: this.#fullError(lane) }
    }
    return null
  }

  /** Null for a job that waits for nobody. */
  #beginToPrepare(job: QueuedJob): Promise<Preparation> | null {
    const { name, payload, deadlineMs } = job.request
    const context = { signal: job.signal, lane: job.lane, remainingMs: deadlineMs }
    const prepare = () => this.#handlerOf(name)?.prepare?.(payload, context) ?? null
    try {
      return runInScope(job.stray.scope, prepare)
    } catch (fault) {
      return Promise.reject(fault)
    }
  }

  async #prepare(job: QueuedJob, preparing: Promise<Preparation>): Promise<void> {
    this.#preparing.add(job)
    try {
      const preparation = await Promise.race([preparing, job.stray.thrown])
      if (preparation.outcome === 'done') job.resolve(preparation.result)
      else job.prepared = preparation.prepared
    } catch (error) {
      this.#fail(job, error)
    }
    this.#preparing.delete(job)
    // Strangers were waited for until now, not the machine.
    job.since = this.#now()
    if (job.outcome === null && this.#isFull(job.request)) job.reject('overloaded', this.#fullError(job.lane))
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
    while (this.#places.freeForUrgent > 0) {
      const urgentOnly = this.#places.freeForAll === 0
      const job = this.#backlog.next(this.#now(), { urgentOnly })
      if (job === null) return
      // The timer of a blocked event loop comes late; a job past its deadline must not begin all the same.
      if (this.#now() - job.askedAt >= job.request.deadlineMs) {
        job.reject('deadline', this.#deadlineError(job))
        this.#report(job, 0)
      } else void this.#carryOut({ job, lane: job.lane, startedAt: this.#now(), asideMs: 0 })
    }
  }

  /** The place is free only when the handler has ended, answered or not: it is still using the machine. */
  async #carryOut(running: RunningJob): Promise<void> {
    const { job, startedAt } = running
    job.hasBegun = true
    this.#running.add(running)
    this.#places.take(running)
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
    const slowdown = slowdownAtFullLoad({ concurrency, parallelism, taken: this.#places.taken })
    this.#running.delete(running)
    this.#places.leave(running)
    const ranMs = (this.#now() - startedAt - running.asideMs) * slowdown
    if (job.signal.aborted) this.#times.noteStopped(job.lane, ranMs)
    else this.#times.note(job.lane, ranMs)
    this.#report(job, this.#now() - startedAt)
    this.#startMore()
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #stepAside(running: RunningJob): () => void {
    const comeBack = this.#places.stepAside(running)
    this.#startMore()
    return comeBack
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

  #handlerOf(name: string): JobHandler | null {
    return Object.hasOwn(this.#options.handlers, name) ? (this.#options.handlers[name] ?? null) : null
  }

  #isFull(request: JobRequest): boolean {
    const { lane } = request
    const limit = roomOf(this.#options.lanes?.[lane]?.limit ?? DEFAULT_LIMIT, request)
    const aside = this.#places.countAside(lane)
    if (this.#places.freeFor(lane) > 0) return aside > 0 && aside >= limit
    return this.#backlog.count(lane) + aside >= limit
  }

  #expectedWaitMs(lane: Lane): number {
    const work = (one: Lane) => ({ waiting: this.#backlog.count(one), serviceMs: this.#times.meanMs(one) })
    const lanes = { search: work('search'), enroll: work('enroll'), bulk: work('bulk') }
    const { concurrency } = this.#options
    return expectedWaitMs(lane, { lanes, freePlaces: this.#places.freeFor(lane), concurrency })
  }

  #fullError(lane: Lane): AppError {
    return overloaded(`lane ${lane}`, retryAfterSeconds(this.#expectedWaitMs(lane)))
  }

  #deadlineError(job: QueuedJob): AppError {
    const seconds = retryAfterSeconds(this.#expectedWaitMs(job.lane))
    return deadlineMissed(job.request.name, seconds, job.hasBegun)
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
