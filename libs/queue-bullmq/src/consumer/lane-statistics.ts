import type { Clock, Lane } from '@semblance/core'

/** Weight of the newest job: about the last ten count. */
const NEWEST_WEIGHT = 0.2
/** Rates are over this much of the past. */
const WINDOW_MS = 10_000

/** How long jobs of each lane take in this process, and how many end. */
export class LaneStatistics {
  readonly #clock: Clock
  readonly #openedAt: number
  readonly #meanMs: Partial<Record<Lane, number>> = {}
  readonly #fullLoadMs: Partial<Record<Lane, number>> = {}
  readonly #ends: Readonly<Record<Lane, number[]>> = { search: [], enroll: [], bulk: [] }

  constructor(clock: Clock) {
    this.#clock = clock
    this.#openedAt = clock.monotonic()
  }

  /** `slowdown`: how much longer it would have taken with every place taken. */
  note(lane: Lane, job: { readonly ranMs: number; readonly slowdown: number }): void {
    weigh(this.#meanMs, lane, job.ranMs)
    weigh(this.#fullLoadMs, lane, job.ranMs * job.slowdown)
    this.#ends[lane].push(this.#clock.monotonic())
  }

  /** Exponentially weighted; a lane that has run nothing yet is left out. */
  get meanServiceMs(): Readonly<Partial<Record<Lane, number>>> {
    return { ...this.#meanMs }
  }

  get fullLoadServiceMs(): Readonly<Partial<Record<Lane, number>>> {
    return { ...this.#fullLoadMs }
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

function weigh(means: Partial<Record<Lane, number>>, lane: Lane, ms: number): void {
  const mean = means[lane]
  means[lane] = mean === undefined ? ms : mean + NEWEST_WEIGHT * (ms - mean)
}
