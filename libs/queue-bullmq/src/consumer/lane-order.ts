import { type Clock, FAIR_SHARE, FairTurns, JOB_PATIENCE_MS, type Lane } from '@semblance/core'

/**
 * The order in which the lanes are asked for the next job. It goes by urgency. But a steady load of searches must not
 * starve enrollment, so while a less urgent lane is overdue, it gets every eighth start. A worker sees only the jobs that
 * it takes: a lane is overdue when for `JOB_PATIENCE_MS` it was neither found empty, nor was a job from it young.
 */
export class LaneOrder {
  readonly #lanes: readonly Lane[]
  readonly #clock: Clock
  readonly #servedAt = new Map<Lane, number>()
  readonly #turns = new FairTurns({ patienceMs: JOB_PATIENCE_MS, oneIn: FAIR_SHARE })

  /** `lanes` come by urgency. */
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

  /** Notes that a job was taken from this lane, and how long it had waited. */
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
