import { LANES, type Lane } from '@semblance/core'

export interface Waiter {
  readonly lane: Lane
  /** On the monotonic clock, milliseconds. */
  readonly since: number
}

/** A less urgent lane whose first job has waited this long is overdue. Half of the shortest enrollment patience. */
export const PATIENCE_MS = 5000
/** While something is overdue, one start in so many is its. */
export const FAIR_SHARE = 8

/**
 * Who is next. Strictly by urgency, first come first served within a lane; but a steady load of searches must not
 * starve enrollment for good, so while a less urgent lane is overdue, every eighth start goes to the one that has
 * waited longest. A search then waits for at most one enrollment more, and the searches keep 7/8 of the machine.
 */
export class LaneBacklog<T extends Waiter> {
  readonly #lanes: Readonly<Record<Lane, Set<T>>> = { search: new Set(), enroll: new Set(), bulk: new Set() }
  /** Starts since the overdue lane had its last. */
  #passedOver = 0

  add(job: T): void {
    this.#lanes[job.lane].add(job)
  }

  /** False if it was not waiting (any more). */
  remove(job: T): boolean {
    return this.#lanes[job.lane].delete(job)
  }

  count(lane: Lane): number {
    return this.#lanes[lane].size
  }

  oldest(lane: Lane): T | null {
    const [first] = this.#lanes[lane]
    return first ?? null
  }

  all(): readonly T[] {
    return LANES.flatMap((lane) => [...this.#lanes[lane]])
  }

  /** Takes out the next one; of the most urgent lane alone if all that is left is its reserved places. */
  next(nowMs: number, { urgentOnly = false }: { readonly urgentOnly?: boolean } = {}): T | null {
    const lanes = urgentOnly ? LANES.slice(0, 1) : LANES
    const heads = lanes.map((lane) => this.oldest(lane)).filter((job) => job !== null)
    const [urgent, ...others] = heads
    if (urgent === undefined) return null
    const chosen = this.#fairChoice(others, nowMs) ?? urgent
    this.remove(chosen)
    return chosen
  }

  #fairChoice(others: readonly T[], nowMs: number): T | null {
    const [overdue] = others
      .filter((job) => nowMs - job.since >= PATIENCE_MS)
      .sort((a, b) => a.since - b.since)
    if (overdue === undefined) {
      this.#passedOver = 0
      return null
    }
    this.#passedOver += 1
    if (this.#passedOver < FAIR_SHARE) return null
    this.#passedOver = 0
    return overdue
  }
}
