import type { WorkScope } from '@semblance/core'

export interface StrayFaultDeps {
  /** Monotonic, milliseconds. */
  readonly now: () => number
  /** Of the job: once it has aborted, nobody waits for how it ends. */
  readonly signal: AbortSignal
  /** Told of what came when the job had ended, or was about to. */
  readonly onLate: (fault: unknown) => void
}

/** What a job set off may go on for so long after its end. */
const AFTERMATH_MS = 60_000

/**
 * An exception that nobody caught, in something that a job's handler set off. The job fails by it at once: a handler
 * that waits for what failed might never end.
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

  /** Rejects with the first one. */
  get thrown(): Promise<never> {
    return this.#thrown.promise
  }

  get scope(): WorkScope {
    return { fail: (fault) => this.#fail(fault) }
  }

  /** The job has ended. */
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
