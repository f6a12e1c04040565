/**
 * The first of a less urgent lane is overdue once it has waited so long for a place, ms. It is half of the 10 s that the
 * least patient caller of an enrollment is taken to wait, so that the other half is left for the work.
 */
export const JOB_PATIENCE_MS = 5_000
/** The same for one task on a thread: a job has several of them to do before its deadline. */
export const TASK_PATIENCE_MS = 2_000
/** While something is overdue, one start in so many is its. Searches keep 7/8 of the machine. */
export const FAIR_SHARE = 8

export interface FairTurnsOptions {
  /** Whoever has waited so long is overdue, ms. */
  readonly patienceMs: number
  /** One start in so many goes to whoever is overdue. */
  readonly oneIn: number
}

/**
 * When the less urgent goes before the more urgent. A steady load of searches must not starve the rest for good, so
 * while something less urgent is overdue, one start in so many is its.
 */
export class FairTurns {
  readonly #options: FairTurnsOptions
  /** More urgent starts since something overdue had its last. */
  #passedOver = 0

  constructor(options: FairTurnsOptions) {
    this.#options = options
  }

  /** Whether the next start is that of the less urgent, which has waited for so long. Counts nothing. */
  isDue(waitedMs: number): boolean {
    if (waitedMs < this.#options.patienceMs) this.#passedOver = 0
    return waitedMs >= this.#options.patienceMs && this.#passedOver >= this.#options.oneIn - 1
  }

  /** Something has started: the more urgent, or the less urgent. */
  started(what: 'urgent' | 'other'): void {
    this.#passedOver = what === 'urgent' ? this.#passedOver + 1 : 0
  }

  /** As `isDue`, for whoever starts at once what it is told to: the start counts. */
  next(waitedMs: number): boolean {
    const isDue = this.isDue(waitedMs)
    if (waitedMs >= this.#options.patienceMs) this.started(isDue ? 'other' : 'urgent')
    return isDue
  }
}
