import type { WorkScope } from '@semblance/core'

export interface StrayFaultDeps {
  /** Monotonic, milliseconds. */
  readonly now: () => number
  /** The job's signal. Once it has aborted, nobody waits for how the job ends. */
  readonly signal: AbortSignal
  /** Called with a fault that came after the job had ended, or when it was about to end. */
  readonly onLate: (fault: unknown) => void
}

/** A fault is put down to a job up to so long after its end. A later one is a fault of the process. */
const AFTERMATH_MS = 60_000

/**
 * An exception that nobody caught, in work that a job's handler began. The job fails by it at once, since a handler
 * that waits for the failed work might never end.
 */
export class StrayFault {
  readonly #deps: StrayFaultDeps
  readonly #thrown = Promise.withResolvers<never>()
  #closedAt = Number.POSITIVE_INFINITY
  #isThrown = false

  constructor(deps: StrayFaultDeps) {
    this.#deps = deps
    this.#thrown.promise.catch(() => {})
  }

  /** Rejects with the first such exception. */
  get thrown(): Promise<never> {
    return this.#thrown.promise
  }

  get scope(): WorkScope {
    return { fail: (fault) => this.#fail(fault) }
  }

  /** Notes that the job has ended. */
  close(): void {
    this.#closedAt = this.#deps.now()
  }

  #fail(fault: unknown): boolean {
    const lateMs = this.#deps.now() - this.#closedAt
    if (lateMs > AFTERMATH_MS) return false
    if (lateMs >= 0 || this.#isThrown || this.#deps.signal.aborted) this.#deps.onLate(fault)
    this.#isThrown = true
    this.#thrown.reject(fault)
    return true
  }
}
