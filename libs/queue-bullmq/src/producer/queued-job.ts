import type { JobRequest, JobWaiting } from '@semblance/core'
import type { BullmqJobOutcome } from '../job-report.ts'

/** The longest time that a timer of Node takes. A longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export interface QueuedJobEvents {
  expire(): void
  leave(): void
  withdraw(): void
}

/** A job of this gateway's, and the caller who waits for its one answer. */
export class QueuedJob {
  readonly id: string
  readonly request: JobRequest
  readonly since: number
  /** True once it may be in the queue. Before, there is nothing to take back. */
  isQueued = false
  /** True once Redis has said that it has the job. */
  isAdded = false
  /** True if its payload lies under a key of its own. */
  hasPayloadAside = false
  readonly #settle: PromiseWithResolvers<unknown> = Promise.withResolvers()
  #outcome: BullmqJobOutcome | null = null
  #onSettled: () => void = () => {}
  #unlessBegun: AbortSignal | undefined

  constructor(id: string, request: JobRequest, since: number) {
    this.id = id
    this.request = request
    this.since = since
  }

  get answer(): Promise<unknown> {
    return this.#settle.promise
  }

  /** True once the job is not to begin any more. */
  get isWithdrawn(): boolean {
    return this.#unlessBegun?.aborted === true
  }

  /** Why it is not to begin any more. */
  get whyWithdrawn(): unknown {
    return this.#unlessBegun?.reason
  }

  get isSettled(): boolean {
    return this.#outcome !== null
  }

  watch({ signal, unlessBegun }: JobWaiting, on: QueuedJobEvents): void {
    this.#unlessBegun = unlessBegun
    const timer = setTimeout(on.expire, Math.min(this.request.deadlineMs, LONGEST_TIMER_MS))
    signal.addEventListener('abort', on.leave, { once: true })
    unlessBegun?.addEventListener('abort', on.withdraw, { once: true })
    this.#onSettled = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', on.leave)
      unlessBegun?.removeEventListener('abort', on.withdraw)
    }
  }

  /** False if the caller was answered before. */
  resolve(result: unknown): boolean {
    if (!this.#settled('done')) return false
    this.#settle.resolve(result)
    return true
  }

  /** False if the caller was answered before. */
  reject(outcome: BullmqJobOutcome, error: unknown): boolean {
    if (!this.#settled(outcome)) return false
    this.#settle.reject(error)
    return true
  }

  get outcome(): BullmqJobOutcome {
    return this.#outcome ?? 'failed'
  }

  #settled(outcome: BullmqJobOutcome): boolean {
    if (this.#outcome !== null) return false
    this.#outcome = outcome
    this.#onSettled()
    return true
  }
}
