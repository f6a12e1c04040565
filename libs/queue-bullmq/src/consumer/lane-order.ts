import type { Clock, Lane } from '@semblance/core'

/** A less urgent lane that has had work waiting for so long is overdue. Half of the shortest enrollment patience. */
const PATIENCE_MS = 5000
/** While something is overdue, one start in so many is its. */
const FAIR_SHARE = 8

/**
 * In which order the lanes are asked for the next job: by urgency, but a steady load of searches must not starve
 * enrollment for good, so while a less urgent lane is overdue, every eighth start is its. A worker sees only what it
 * takes: a lane is overdue once it has not been found empty, nor its oldest job young, for the patience.
 */
export class LaneOrder {
  readonly #lanes: readonly Lane[]
  readonly #clock: Clock
  readonly #servedAt = new Map<Lane, number>()
  #passedOver = 0

  /** By urgency. */
  constructor(lanes: readonly Lane[], clock: Clock) {
    this.#lanes = lanes
    this.#clock = clock
    for (const lane of lanes) this.#servedAt.set(lane, clock.monotonic())
  }

  lanes(): readonly Lane[] {
    const [, ...others] = this.#lanes
    const overdue = others
      .filter((lane) => this.#idleMs(lane) >= PATIENCE_MS)
      .sort((a, b) => this.#idleMs(b) - this.#idleMs(a))[0]
    if (overdue === undefined) this.#passedOver = 0
    if (overdue === undefined || this.#passedOver < FAIR_SHARE - 1) return this.#lanes
    return [overdue, ...this.#lanes.filter((lane) => lane !== overdue)]
  }

  /** A job was taken that had waited for so long. */
  took(lane: Lane, waitedMs: number): void {
    this.#passedOver = lane === this.#lanes[0] ? this.#passedOver + 1 : 0
    if (waitedMs < PATIENCE_MS) this.foundEmpty(lane)
  }

  foundEmpty(lane: Lane): void {
    this.#servedAt.set(lane, this.#clock.monotonic())
  }

  #idleMs(lane: Lane): number {
    return this.#clock.monotonic() - (this.#servedAt.get(lane) ?? 0)
  }
}
