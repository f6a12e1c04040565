import { EventHeap, type Timed } from './event-heap.ts'

interface Event extends Timed {
  readonly run: () => void
}

/**
 * A clock that jumps from one event to the next. Events of the same time happen in the order in which they were asked
 * for, so that a simulation is the same each time.
 */
export class Simulation {
  readonly #events = new EventHeap<Event>()
  #now = 0
  #asked = 0

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  /** As the product's code takes it. */
  readonly clock = { now: (): number => this.#now, monotonic: (): number => this.#now }

  after(ms: number, run: () => void): void {
    this.#asked += 1
    this.#events.add({ at: this.#now + Math.max(0, ms), number: this.#asked, run })
  }

  /** From now on, until the end. */
  every(ms: number, run: () => void): void {
    const again = () => {
      run()
      this.after(ms, again)
    }
    this.after(ms, again)
  }

  /** What is due later stays for the next call. */
  runUntil(at: number): void {
    for (let next = this.#events.first; next !== undefined && next.at <= at; next = this.#events.first) {
      this.#events.take()
      this.#now = next.at
      next.run()
    }
    this.#now = at
  }
}
