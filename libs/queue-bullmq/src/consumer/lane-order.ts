import { type Clock, FAIR_SHARE, FairTurns, JOB_PATIENCE_MS, type Lane } from '@semblance/core'

/**
 * In which order the lanes are asked for the next job: by urgency, but a steady load of searches must not starve
 * enrollment for good, so while a less urgent lane is overdue, every eighth start is its. A worker sees only what it
 * takes: a lane is overdue once it has not been found empty, nor its oldest job young, for the patience.
 */
export class LaneOrder {
  readonly #lanes: readonly Lane[]
  readonly #clock: Clock
  readonly #servedAt = new Map<Lane, number>()
  readonly #turns = new FairTurns({ patienceMs: JOB_PATIENCE_MS, oneIn: FAIR_SHARE })

  /** By urgency. */
  constructor(lanes: readonly Lane[], clock: Clock) {
    this.#lanes = lanes
    this.#clock = clock
    for (const lane of lanes) this.#servedAt.set(lane, clock.monotonic())
  }

  lanes(): readonly Lane[] {
    const [, ...others] = this.#lanes
    const [oldest] = others.toSorted((a, b) => this.#idleMs(b) - this.#idleMs(a))
    if (oldest === undefined || !this.#turns.isDue(this.#idleMs(oldest))) return this.#lanes
    return [oldest, ...this.#lanes.filter((lane) => lane !== oldest)]
  }

  /** A job was taken that had waited for so long. */
  took(lane: Lane, waitedMs: number): void {
    this.#turns.started(lane === this.#lanes[0] ? 'urgent' : 'other')
    if (waitedMs < JOB_PATIENCE_MS) this.foundEmpty(lane)
  }

  foundEmpty(lane: Lane): void {
    this.#servedAt.set(lane, this.#clock.monotonic())
  }

  #idleMs(lane: Lane): number {
    return this.#clock.monotonic() - (this.#servedAt.get(lane) ?? 0)
  }
}
