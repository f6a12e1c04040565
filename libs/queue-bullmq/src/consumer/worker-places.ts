import { type Clock, type Lane, type PlaceHolder, Places, untilTurn } from '@semblance/core'

export interface WorkerPlacesOptions {
  readonly concurrency: number
  /** Places that only the urgent lane may take. */
  readonly reserved: number
  readonly urgent: Lane | null
  readonly clock: Clock
  /** Told when a job that stepped aside has freed a place. */
  readonly onPlace?: () => void
}

/** A job of this worker that may hold a place. */
export interface WorkerPlaceHolder extends PlaceHolder {
  readonly signal: AbortSignal
}

/** A prepared job that waits for a place. */
interface Comer {
  readonly holder: WorkerPlaceHolder
  readonly begin: () => void
}

/**
 * The places of a worker, which takes its jobs out of Redis one by one. A look into a lane keeps a place for the job that
 * it may bring. A job that first waited for strangers goes before whatever is not taken from the queue yet. At most as many
 * jobs as there are places are aside.
 */
export class WorkerPlaces {
  readonly #options: WorkerPlacesOptions
  readonly #places: Places<WorkerPlaceHolder>
  readonly #coming = new Set<Comer>()
  /** Looks under way, each of which may bring a job. */
  #looks = 0

  constructor(options: WorkerPlacesOptions) {
    this.#options = options
    this.#places = new Places({ ...options, mostAside: options.concurrency })
  }

  get taken(): number {
    return this.#places.taken
  }

  countOf(lane: Lane): number {
    return this.#places.countOf(lane)
  }

  /** Whether to look for a job of the urgent lane. */
  hasForUrgent(): boolean {
    const coming = [...this.#coming].filter(({ holder }) => this.#isUrgent(holder)).length
    return this.#places.freeForUrgent - this.#looks - coming > 0
  }

  /** Whether to look for a job of any lane. */
  hasForAll(): boolean {
    const comingOthers = [...this.#coming].filter(({ holder }) => !this.#isUrgent(holder)).length
    const isAnyFree = this.#places.freeForUrgent - this.#looks - this.#coming.size > 0
    return isAnyFree && this.#places.freeForAll - comingOthers > 0
  }

  /** A look counts as a job until it is known to have found none; one that it found has its place by then. */
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

  /** See `Places`. */
  stepAside(holder: WorkerPlaceHolder): () => void {
    const comeBack = this.#places.stepAside(holder)
    this.#letIn()
    this.#options.onPlace?.()
    return comeBack
  }

  /** Resolves once the job has a place; rejects with its signal's reason. */
  comeBack(holder: WorkerPlaceHolder): Promise<void> {
    return untilTurn((begin) => {
      const comer = { holder, begin }
      this.#coming.add(comer)
      this.#letIn()
      return () => this.#coming.delete(comer)
    }, holder.signal)
  }

  #letIn(): void {
    const byUrgency = [...this.#coming].sort(
      (a, b) => Number(this.#isUrgent(b.holder)) - Number(this.#isUrgent(a.holder)),
    )
    for (const comer of byUrgency) {
      if (!this.#fits(comer.holder)) continue
      this.#coming.delete(comer)
      this.#places.take(comer.holder)
      comer.begin()
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
