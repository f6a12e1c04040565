import type { Clock } from '../ports/clock.ts'
import type { JobRequest, Lane } from '../ports/job-queue.ts'

export interface PlacesOptions {
  /** Jobs that may run at once, all lanes together. */
  readonly concurrency: number
  /** Of these, places that only jobs of the urgent lane may take. One place is for all in any case. */
  readonly reserved: number
  /** Null: no lane is. */
  readonly urgent: Lane | null
  /** Jobs that may be aside at a time: further ones keep their places. Left out: as many as want to. */
  readonly mostAside?: number
  readonly clock: Pick<Clock, 'monotonic'>
}

/**
 * Rows of imports that are written, and aside meanwhile, in one process: more than a machine describes in the time that the writes
 * of a row take. Each holds its picture in memory.
 */
export const MOST_ROWS_ASIDE = 16

/** A job that may hold a place. */
export interface PlaceHolder {
  readonly lane: Lane
  /** Time that it has spent aside so far, ms; it is no work. */
  asideMs: number
}

/**
 * The places in which jobs run. A job that waits its turn among its own kind steps aside: others run meanwhile. When its
 * turn has come it is back at once, beyond the places if need be, and no other job begins until there are no more than
 * places again.
 */
export class Places<Holder extends PlaceHolder> {
  readonly #options: PlacesOptions
  readonly #taken = new Set<Holder>()
  /** Since when. */
  readonly #aside = new Map<Holder, number>()

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  get taken(): number {
    return this.#taken.size
  }

  countOf(lane: Lane): number {
    return count(this.#taken, (holder) => holder.lane === lane)
  }

  countAside(lane: Lane): number {
    return count(this.#aside.keys(), (holder) => holder.lane === lane)
  }

  /** Places that a job of this lane may take now. */
  freeFor(lane: Lane): number {
    return lane === this.#options.urgent ? this.freeForUrgent : this.freeForAll
  }

  /** Places that a job of the urgent lane may take now. */
  get freeForUrgent(): number {
    return Math.max(0, this.#options.concurrency - this.#taken.size)
  }

  /** Places that a job of any lane may take now. */
  get freeForAll(): number {
    const { concurrency, reserved, urgent } = this.#options
    const others = count(this.#taken, (holder) => holder.lane !== urgent)
    return Math.min(this.freeForUrgent, Math.max(0, Math.max(1, concurrency - reserved) - others))
  }

  /** Whether one is free is asked before. */
  take(holder: Holder): void {
    this.#taken.add(holder)
  }

  /** For a while or for good; also if it is aside. False if it had no place. */
  leave(holder: Holder): boolean {
    this.#endAside(holder)
    return this.#taken.delete(holder)
  }

  /**
   * The job has a place again once the answer is called, unless it has left meanwhile. A job of several parts that each
   * wait their turn comes back with the first of them.
   */
  stepAside(holder: Holder): () => void {
    const { mostAside = Number.POSITIVE_INFINITY, clock } = this.#options
    if (!this.#aside.has(holder)) {
      const mayStep = this.#aside.size < mostAside && this.#taken.delete(holder)
      if (!mayStep) return () => {}
      this.#aside.set(holder, clock.monotonic())
    }
    return () => {
      if (this.#endAside(holder)) this.#taken.add(holder)
    }
  }

  /** False if it is not aside. */
  #endAside(holder: Holder): boolean {
    const since = this.#aside.get(holder)
    if (since === undefined) return false
    holder.asideMs += this.#options.clock.monotonic() - since
    return this.#aside.delete(holder)
  }
}

function count<T>(of: Iterable<T>, is: (one: T) => boolean): number {
  let sum = 0
  for (const one of of) if (is(one)) sum += 1
  return sum
}

/** How many jobs may wait in a lane of that limit before a job of that share is refused. */
export function roomOf(limit: number, { laneShare = 1 }: Pick<JobRequest, 'laneShare'>): number {
  return Math.max(1, Math.floor(limit * laneShare))
}
