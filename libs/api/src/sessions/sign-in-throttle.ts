import type { Clock } from '@semblance/core'

/** Wrong keys that one address may send in a minute. Somebody who mistypes has tries left; who guesses gets nowhere. */
const MOST_FAILURES = 20
const WINDOW_MS = 60_000
/** Addresses that a process remembers: some 100 bytes each. Beyond, the oldest is forgotten. */
const MOST_ADDRESSES = 10_000

/** Bounds how often keys are guessed at the sign-in, by the address of the connection: what a header says can be made up. */
export class SignInThrottle {
  readonly #clock: Clock
  readonly #failures = new Map<string, { count: number; readonly until: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Seconds until this address may try again; 0: now. */
  waitSeconds(address: string): number {
    const known = this.#failures.get(address)
    const restMs = (known?.until ?? 0) - this.#clock.monotonic()
    if (known === undefined || restMs <= 0 || known.count < MOST_FAILURES) return 0
    return Math.ceil(restMs / 1000)
  }

  noteFailure(address: string): void {
    const now = this.#clock.monotonic()
    const known = this.#failures.get(address)
    if (known !== undefined && now < known.until) {
      known.count += 1
      return
    }
    this.#failures.delete(address)
    for (const oldest of this.#failures.keys()) {
      if (this.#failures.size < MOST_ADDRESSES) break
      this.#failures.delete(oldest)
    }
    this.#failures.set(address, { count: 1, until: now + WINDOW_MS })
  }
}
