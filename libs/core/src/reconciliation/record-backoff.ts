import type { Clock } from '../ports/clock.ts'

const FIRST_WAIT_MS = 10_000
const LONGEST_WAIT_MS = 300_000

/** If more records fail, the fault is not their own. Those that are forgotten are only tried again. */
const MOST_REMEMBERED = 10_000

interface Backoff {
  readonly failures: number
  /** Time on the monotonic clock. */
  readonly retryAtMs: number
}

/**
 * Tells of records that could not be mended when to try them again: less and less often, so that a few that never heal
 * cost the others no time. In memory: the next leader begins afresh.
 */
export class RecordBackoff {
  readonly #clock: Clock
  readonly #backoffs = new Map<string, Backoff>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isDue(key: string): boolean {
    const backoff = this.#backoffs.get(key)
    return backoff === undefined || backoff.retryAtMs <= this.#clock.monotonic()
  }

  noteFailure(key: string): void {
    const failures = (this.#backoffs.get(key)?.failures ?? 0) + 1
    const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1))
    // The record is taken out first, so that the order is that of the last failure.
    this.#backoffs.delete(key)
    this.#backoffs.set(key, { failures, retryAtMs: this.#clock.monotonic() + waitMs })
    const [oldest] = this.#backoffs.keys()
    if (this.#backoffs.size > MOST_REMEMBERED && oldest !== undefined) this.#backoffs.delete(oldest)
  }

  noteMended(key: string): void {
    this.#backoffs.delete(key)
  }
}
