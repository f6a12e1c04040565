import type { Clock } from '@semblance/core'

/** A slower answer is no good sample: it says too little about when it was made. */
const SLOWEST_SAMPLE_MS = 200
/** A sample of this age is worse than a slow one: another server may have taken over, with another clock. */
const STALE_AFTER_MS = 60_000

/** The clock of the Redis server, read by our monotonic one. All gateways and workers share this one clock. */
export class RedisClock {
  readonly #clock: Clock
  #measured: { readonly offsetMs: number; readonly at: number } | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isMeasured(): boolean {
    return this.#measured !== null
  }

  /**
   * Milliseconds since the epoch on the server's clock, exact to half a round trip. Throws before the first measurement.
   */
  now(): number {
    if (this.#measured === null) throw new Error('the clock of the Redis server is not known yet')
    return this.#clock.monotonic() + this.#measured.offsetMs
  }

  /** Compares the clocks. `askTime` sends TIME, which answers seconds and microseconds. */
  async measure(askTime: () => Promise<readonly (string | number)[]>): Promise<void> {
    const asked = this.#clock.monotonic()
    const [seconds, micros] = await askTime()
    const answered = this.#clock.monotonic()
    const tripMs = answered - asked
    const isOld = this.#measured === null || answered - this.#measured.at > STALE_AFTER_MS
    if (tripMs > SLOWEST_SAMPLE_MS && !isOld) return
    const serverMs = Number(seconds) * 1000 + Number(micros) / 1000
    this.#measured = { offsetMs: serverMs + tripMs / 2 - answered, at: answered }
  }
}
