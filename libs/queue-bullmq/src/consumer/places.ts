import type { Clock, Lane } from '@semblance/core'

export interface PlacesOptions {
  readonly concurrency: number
  /** Places that only the urgent lane may take. */
  readonly reserved: number
  readonly urgent: Lane | null
  readonly clock: Clock
  /** Told when a job that stepped aside has freed a place. */
  readonly onPlace?: () => void
}

/** A job that may hold a place. */
export interface PlaceHolder {
  readonly lane: Lane
  readonly signal: AbortSignal
  /** Spent aside so far. */
  asideMs: number
}

interface Comer {
  readonly holder: PlaceHolder
  readonly begin: () => void
}

/**
 * The places in which jobs run. A job that waits for strangers leaves its place meanwhile; when it comes back it goes
 * before whatever is not taken from the queue yet. A job that waits its turn among its own kind steps aside, and comes back
 * when its turn has come, into a place or beyond them; at most as many as there are places are aside.
 */
export class Places {
  readonly #options: PlacesOptions
  readonly #taken = new Set<PlaceHolder>()
  readonly #coming = new Set<Comer>()
  /** Since when. */
  readonly #aside = new Map<PlaceHolder, number>()
  /** Looks under way, each of which may bring a job. */
  #looks = 0

  constructor(options: PlacesOptions) {
    this.#options = options
  }

  get taken(): number {
    return this.#taken.size
  }

  countOf(lane: Lane): number {
    return [...this.#taken].filter((holder) => holder.lane === lane).length
  }

  /** Whether to look for a job of the urgent lane. */
  hasForUrgent(): boolean {
    const coming = [...this.#coming].filter(({ holder }) => this.#isUrgent(holder)).length
    return this.#used() + coming < this.#options.concurrency
  }

  /** Whether to look for a job of any lane. */
  hasForAll(): boolean {
    const { concurrency, reserved } = this.#options
    const comingOthers = [...this.#coming].filter(({ holder }) => !this.#isUrgent(holder)).length
    const isAnyFree = this.#used() + this.#coming.size < concurrency
    return isAnyFree && this.#others() + comingOthers < concurrency - reserved
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

  take(holder: PlaceHolder): void {
    this.#taken.add(holder)
  }

  leave(holder: PlaceHolder): void {
    this.#endAside(holder)
    if (this.#taken.delete(holder)) this.#letIn()
  }

  /** The job has a place again when the answer is called, unless it has left for good. */
  stepAside(holder: PlaceHolder): () => void {
    const mayStep = this.#aside.size < this.#options.concurrency && this.#taken.has(holder)
    if (!mayStep) return () => {}
    this.leave(holder)
    this.#aside.set(holder, this.#options.clock.monotonic())
    this.#options.onPlace?.()
    return () => {
      if (this.#endAside(holder)) this.#taken.add(holder)
    }
  }

  /** False if it is not aside. */
  #endAside(holder: PlaceHolder): boolean {
    const since = this.#aside.get(holder)
    if (since !== undefined) holder.asideMs += this.#options.clock.monotonic() - since
    return this.#aside.delete(holder)
  }

  /** Resolves once the job has a place again; rejects with its signal's reason. */
  async comeBack(holder: PlaceHolder): Promise<void> {
    const { signal } = holder
    signal.throwIfAborted()
    await new Promise<void>((resolve, reject) => {
      const giveUp = () => {
        this.#coming.delete(comer)
        reject(signal.reason)
      }
      const begin = () => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const comer = { holder, begin }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#coming.add(comer)
      this.#letIn()
    })
  }

  #letIn(): void {
    const byUrgency = [...this.#coming].sort(
      (a, b) => Number(this.#isUrgent(b.holder)) - Number(this.#isUrgent(a.holder)),
    )
    for (const comer of byUrgency) {
      if (!this.#fits(comer.holder)) continue
      this.#coming.delete(comer)
      this.#taken.add(comer.holder)
      comer.begin()
    }
  }

  #fits(holder: PlaceHolder): boolean {
    const { concurrency, reserved } = this.#options
    if (this.#used() >= concurrency) return false
    return this.#isUrgent(holder) || this.#others() < concurrency - reserved
  }

  #used(): number {
    return this.#taken.size + this.#looks
  }

  #others(): number {
    return [...this.#taken].filter((holder) => !this.#isUrgent(holder)).length
  }

  #isUrgent({ lane }: PlaceHolder): boolean {
    return lane === this.#options.urgent
  }
}
