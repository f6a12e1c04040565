import type { Lane } from '@semblance/core'

/** Weight of the newest job: about the last ten count. */
const NEWEST_WEIGHT = 0.2

/**
 * How long jobs of each lane take with every place taken, as they share the machine then: an exponentially weighted
 * mean, 0 until one has run.
 */
export class ServiceTimes {
  readonly #meanMs: Partial<Record<Lane, number>> = {}

  note(lane: Lane, ranMs: number): void {
    const mean = this.#meanMs[lane]
    this.#meanMs[lane] = mean === undefined ? ranMs : mean + NEWEST_WEIGHT * (ranMs - mean)
  }

  meanMs(lane: Lane): number {
    return this.#meanMs[lane] ?? 0
  }
}
