import type { Clock, Lane } from '@semblance/core'

/** Weight of the newest job: about the last ten count. */
const NEWEST_WEIGHT = 0.2
/** Rates are over this much of the past. */
const WINDOW_MS = 10_000

/** How long jobs of each lane take in this process, and how many end. */
export class LaneMeter {
  readonly #clock: Clock
  readonly #openedAt: number
  readonly #meanMs: Partial<Record<Lane, number>> = {}
  readonly #ends: Readonly<Record<Lane, number[]>> = { search: [], enroll: [], bulk: [] }

  constructor(clock: Clock) {
    this.#clock = clock
    this.#openedAt = clock.monotonic()
  }

  note(lane: Lane, ranMs: number): void {
    const mean = this.#meanMs[lane]
    this.#meanMs[lane] = mean === undefined ? ranMs : mean + NEWEST_WEIGHT * (ranMs - mean)
    this.#ends[lane].push(this.#clock.monotonic())
  }

  /** Exponentially weighted; a lane that has run nothing yet is left out. */
  get meanServiceMs(): Readonly<Partial<Record<Lane, number>>> {
    return { ...this.#meanMs }
  }

  get completedPerSecond(): Readonly<Record<Lane, number>> {
    return { search: this.#rate('search'), enroll: this.#rate('enroll'), bulk: this.#rate('bulk') }
  }

  #rate(lane: Lane): number {
    const now = this.#clock.monotonic()
    const ends = this.#ends[lane]
    while (ends[0] !== undefined && ends[0] < now - WINDOW_MS) ends.shift()
    return ends.length / (Math.min(WINDOW_MS, Math.max(1000, now - this.#openedAt)) / 1000)
  }
}
