import { AsyncResource } from 'node:async_hooks'

/** At most so many pieces of work in one turn of the event loop. */
const TASKS_PER_TURN = 8

/**
 * Spreads pieces of work over turns of the event loop, first come first served: however many connections have something at
 * once, what else there is to do comes in between.
 */
export class Turns {
  readonly #waiting: (() => void)[] = []
  #isScheduled = false

  /** Runs the task in a later turn, in the caller's own context. It must not throw. */
  run(task: () => void): void {
    this.#waiting.push(AsyncResource.bind(task))
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      for (const task of this.#waiting.splice(0, TASKS_PER_TURN)) task()
      this.#schedule()
    })
  }
}

/** Of the process, since it has one event loop. */
export const turns = new Turns()
