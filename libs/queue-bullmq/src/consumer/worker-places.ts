import { type Clock, type Lane, MOST_ROWS_ASIDE, type PlaceHolder, Places, untilTurn } from '@semblance/core'

export interface WorkerPlacesOptions {
  readonly concurrency: number
  /** How many places only the urgent lane may take. */
  readonly reserved: number
  readonly urgent: Lane | null
  readonly clock: Clock
  /** Called when a job that stepped aside has freed a place. */
  readonly onPlace?: () => void
}

/** A job of this worker that may hold a place. */
export interface WorkerPlaceHolder extends PlaceHolder {
  readonly signal: AbortSignal
}

/** A prepared job that waits for a place. */
interface PreparedJob {
  readonly holder: WorkerPlaceHolder
  readonly begin: () => void
}

/**
 * The places of a worker, which takes its jobs out of Redis one by one. While it looks into a lane, a place is kept for
 * the job that it may find. A prepared job goes before all jobs that are still in the queue. At most as many jobs are
 * aside as there are places, and as many rows of imports, which see to that themselves.
 */
export class WorkerPlaces {
  readonly #options: WorkerPlacesOptions
  readonly #places: Places<WorkerPlaceHolder>
  readonly #prepared = new Set<PreparedJob>()
  /** How many looks into lanes are under way. Each may bring a job. */
  #looks = 0

  constructor(options: WorkerPlacesOptions) {
    this.#options = options
    this.#places = new Places({ ...options, mostAside: options.concurrency + MOST_ROWS_ASIDE })
  }

  get taken(): number {
    return this.#places.taken
  }

  countOf(lane: Lane): number {
    return this.#places.countOf(lane)
  }

  /** Whether to look for a job of the urgent lane. */
  hasForUrgent(): boolean {
    const prepared = [...this.#prepared].filter(({ holder }) => this.#isUrgent(holder)).length
    return this.#places.freeForUrgent - this.#looks - prepared > 0
  }

  /** Whether to look for a job of any lane. */
  hasForAll(): boolean {
    const preparedOthers = [...this.#prepared].filter(({ holder }) => !this.#isUrgent(holder)).length
    const isAnyFree = this.#places.freeForUrgent - this.#looks - this.#prepared.size > 0
    return isAnyFree && this.#places.freeForAll - preparedOthers > 0
  }

  /** Looks into a lane. A look counts as a job until it has found none, or the job that it found has its place. */
  async look<T>(look: () => Promise<T>): Promise<T> {
    this.#looks += 1
    try {
      return await look()
    } finally {
      this.#looks -= 1
      this.#letIn()
    }
  }

  take(holder: WorkerPlaceHolder): void {
    this.#places.take(holder)
  }

  leave(holder: WorkerPlaceHolder): void {
    if (this.#places.leave(holder)) this.#letIn()
  }

  /** Does as `Places` says. */
  stepAside(holder: WorkerPlaceHolder): () => void {
    const comeBack = this.#places.stepAside(holder)
    this.#letIn()
    this.#options.onPlace?.()
    return comeBack
  }

  /** Resolves once the job has a place. Rejects with the reason of its signal. */
  takeWhenFree(holder: WorkerPlaceHolder): Promise<void> {
    return untilTurn((begin) => {
      const job = { holder, begin }
      this.#prepared.add(job)
      this.#letIn()
      return () => this.#prepared.delete(job)
    }, holder.signal)
  }

  #letIn(): void {
    const byUrgency = [...this.#prepared].sort(
      (a, b) => Number(this.#isUrgent(b.holder)) - Number(this.#isUrgent(a.holder)),
    )
    for (const job of byUrgency) {
      if (!this.#fits(job.holder)) continue
      this.#prepared.delete(job)
      this.#places.take(job.holder)
      job.begin()
    }
  }

  #fits(holder: WorkerPlaceHolder): boolean {
    if (this.#places.freeForUrgent - this.#looks <= 0) return false
    return this.#isUrgent(holder) || this.#places.freeForAll > 0
  }

  #isUrgent({ lane }: WorkerPlaceHolder): boolean {
    return lane === this.#options.urgent
  }
}
