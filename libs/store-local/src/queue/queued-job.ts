import { currentScope, type JobRequest, type JobWaiting, type Lane, type WorkScope } from '@semblance/core'

/**
 * What the caller was told. `failed` is the handler's error, `deadline` and `aborted` may be told while the handler
 * still runs, `overloaded` and `shut-down` to jobs that never ran.
 */
export type JobOutcome = 'done' | 'failed' | 'overloaded' | 'deadline' | 'aborted' | 'shut-down'

/** A longer timer would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface QueuedJobEvents {
  expire(): void
  leave(): void
  withdraw(): void
}

/** A job as its queue sees it: one caller to be answered once, and a signal for its handler. */
export class QueuedJob {
  readonly request: JobRequest
  readonly askedAt: number
  /** Since when it waits for a place. */
  since: number
  /**
   * An exception that nobody caught, in something that the job's handler set off: the job fails by it, and gives up its
   * place, since a handler that waits for what failed might hold it for good. Once the caller was answered, the fault is
   * told by whoever asked for the job.
   */
  readonly stray: { readonly scope: WorkScope; readonly thrown: Promise<never> }
  /** True from its place on. */
  hasBegun = false
  /** What it was prepared with; undefined without a preparation. */
  prepared: unknown = undefined
  readonly #controller = new AbortController()
  readonly #settle: PromiseWithResolvers<unknown> = Promise.withResolvers()
  #outcome: JobOutcome | null = null
  #onAnswered: () => void = () => {}

  constructor(request: JobRequest, askedAt: number) {
    this.request = request
    this.askedAt = askedAt
    this.since = askedAt
    const caller = currentScope()
    const thrown = Promise.withResolvers<never>()
    thrown.promise.catch(() => {})
    const fail = (fault: unknown): boolean => {
      const isOurs = this.#outcome === null
      thrown.reject(fault)
      return isOurs || caller?.fail(fault) === true
    }
    this.stray = { scope: { fail }, thrown: thrown.promise }
  }

  get lane(): Lane {
    return this.request.lane
  }

  /** Aborts when nobody waits for the result any more. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get answer(): Promise<unknown> {
    return this.#settle.promise
  }

  get outcome(): JobOutcome | null {
    return this.#outcome
  }

  /**
   * Calls `expire` after the job's deadline, `leave` when its caller gives up, and `withdraw` when it is not to begin any more,
   * unless it is answered before.
   */
  watch({ signal, unlessBegun }: JobWaiting, on: QueuedJobEvents): void {
    const timer = setTimeout(on.expire, Math.min(this.request.deadlineMs, LONGEST_TIMER_MS))
    signal.addEventListener('abort', on.leave, { once: true })
    unlessBegun?.addEventListener('abort', on.withdraw, { once: true })
    this.#onAnswered = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', on.leave)
      unlessBegun?.removeEventListener('abort', on.withdraw)
    }
  }

  resolve(value: unknown): void {
    if (this.#answered('done')) this.#settle.resolve(value)
  }

  reject(outcome: JobOutcome, error: unknown): void {
    if (!this.#answered(outcome)) return
    this.#settle.reject(error)
    this.#controller.abort(error)
  }

  #answered(outcome: JobOutcome): boolean {
    if (this.#outcome !== null) return false
    this.#outcome = outcome
    this.#onAnswered()
    return true
  }
}
