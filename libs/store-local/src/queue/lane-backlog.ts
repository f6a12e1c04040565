import { FAIR_SHARE, FairTurns, JOB_PATIENCE_MS, LANES, type Lane } from '@semblance/core'

export interface Waiter {
  readonly lane: Lane
  /** On the monotonic clock, milliseconds. */
  readonly since: number
}

/**
 * Who is next. Strictly by urgency, first come first served within a lane; but a steady load of searches must not
 * starve enrollment for good, so while a less urgent lane is overdue, every eighth start goes to the one that has
 * waited longest. A search then waits for at most one enrollment more, and the searches keep 7/8 of the machine.
 */
export class LaneBacklog<T extends Waiter> {
  readonly #lanes: Readonly<Record<Lane, Set<T>>> = { search: new Set(), enroll: new Set(), bulk: new Set() }
  readonly #turns = new FairTurns({ patienceMs: JOB_PATIENCE_MS, oneIn: FAIR_SHARE })

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

  /** The one that has waited longest, if it is its turn. */
  #fairChoice(others: readonly T[], nowMs: number): T | null {
    const [oldest] = others.toSorted((a, b) => a.since - b.since)
    const waitedMs = oldest === undefined ? 0 : nowMs - oldest.since
    return this.#turns.next(waitedMs) ? (oldest ?? null) : null
  }
}
