import type { Waiting } from './ports/waiting.ts'
import { untilTurn } from './waiting.ts'

/**
 * Runs so many tasks at once, first come first served. Ours and not p-limit: there nobody who waits can leave, and a
 * caller with a deadline has to.
 */
export class Slots {
  readonly #size: number
  readonly #waiting = new Set<() => void>()
  #taken = 0

  constructor(size: number) {
    this.#size = size
  }

  /** Nothing runs and nobody waits. */
  get isIdle(): boolean {
    return this.#taken === 0
  }

  /** Rejects with the signal's reason if aborted before the task began; one that has begun watches the signal itself. */
  async run<T>(task: () => Promise<T>, waiting?: Waiting): Promise<T> {
    await this.#take(waiting?.signal)
    try {
      return await task()
    } finally {
      this.#giveBack()
    }
  }

  #take(signal: AbortSignal | undefined): Promise<void> {
    return untilTurn((begin) => {
      if (this.#taken < this.#size) {
        this.#taken += 1
        begin()
        return () => {}
      }
      this.#waiting.add(begin)
      return () => this.#waiting.delete(begin)
    }, signal)
  }

  /** The slot goes to the next one without being free in between, so that no newcomer slips in. */
  #giveBack(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#taken -= 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
