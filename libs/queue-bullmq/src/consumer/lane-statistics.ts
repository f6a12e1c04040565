import { type Clock, type Lane, ServiceTimes } from '@semblance/core'

/** Rates are counted over this much of the past. */
const WINDOW_MS = 10_000

/** Measures how long jobs of each lane take in this process, and how many end in a second. */
export class LaneStatistics {
  readonly #clock: Clock
  readonly #openedAt: number
  readonly #times = new ServiceTimes()
  readonly #timesAtFullLoad = new ServiceTimes()
  readonly #ends: Readonly<Record<Lane, number[]>> = { search: [], enroll: [], bulk: [] }

  constructor(clock: Clock) {
    this.#clock = clock
    this.#openedAt = clock.monotonic()
  }

  /** Notes a job that has ended. `slowdown` says how many times longer it would have taken with every place taken. */
  note(
    lane: Lane,
    job: { readonly ranMs: number; readonly slowdown: number; readonly isStopped: boolean },
  ): void {
    const note = job.isStopped ? 'noteStopped' : 'note'
    this.#times[note](lane, job.ranMs)
    this.#timesAtFullLoad[note](lane, job.ranMs * job.slowdown)
    if (!job.isStopped) this.#ends[lane].push(this.#clock.monotonic())
  }

  /** An exponentially weighted mean. A lane that has run nothing yet is left out. */
  get meanServiceMs(): Readonly<Partial<Record<Lane, number>>> {
    return this.#times.means
  }

  get fullLoadServiceMs(): Readonly<Partial<Record<Lane, number>>> {
    return this.#timesAtFullLoad.means
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
