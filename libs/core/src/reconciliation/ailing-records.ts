import type { Clock } from '../ports/clock.ts'

const FIRST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 300_000

/** More than this and the fault is no record's own; those forgotten are tried again, no more. */
const MOST_REMEMBERED = 10_000

interface Ailment {
  readonly failures: number
  /** Time on the monotonic clock. */
  readonly retryAtMs: number
}

/**
 * Records that could not be mended, and when to try them again: less and less often, so that a few that never heal
 * cost the others no time. In memory: the next leader begins afresh.
 */
export class AilingRecords {
  readonly #clock: Clock
  readonly #ailments = new Map<string, Ailment>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isDue(key: string): boolean {
    const ailment = this.#ailments.get(key)
    return ailment === undefined || ailment.retryAtMs <= this.#clock.monotonic()
  }

  noteFailure(key: string): void {
    const failures = (this.#ailments.get(key)?.failures ?? 0) + 1
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
    // Taken out first, so that the order is that of the last failure.
    this.#ailments.delete(key)
    this.#ailments.set(key, { failures, retryAtMs: this.#clock.monotonic() + waitMs })
    const [oldest] = this.#ailments.keys()
    if (this.#ailments.size > MOST_REMEMBERED && oldest !== undefined) this.#ailments.delete(oldest)
  }

  noteMended(key: string): void {
    this.#ailments.delete(key)
  }
}
