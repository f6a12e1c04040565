import { AsyncResource } from 'node:async_hooks'

/** Nothing more is begun in a turn that has taken so long. */
const TURN_MS = 5

/**
 * Spreads pieces of work over turns of the event loop, first come first served: however many connections have something at
 * once, what else there is to do comes in between.
 */
export class Turns {
  readonly #tasksPerTurn: number
  readonly #waiting: (() => void)[] = []
  #isScheduled = false

  constructor(tasksPerTurn: number) {
    this.#tasksPerTurn = tasksPerTurn
  }

  /** Runs the task in a later turn, in the caller's own context. It must not throw. */
  run(task: () => void): void {
    this.#waiting.push(AsyncResource.bind(task))
    this.#schedule()
  }

  /** Resolves in a later turn, which goes on with what waited for it. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => this.run(resolve))
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      const end = performance.now() + TURN_MS
      for (let n = 0; n < this.#tasksPerTurn && (n === 0 || performance.now() < end); n++)
        this.#waiting.shift()?.()
      this.#schedule()
    })
  }
}

/** Of the process, since it has one event loop. */
export const turns = new Turns(8)
/** For what takes milliseconds: the whole of a large JSON text is parsed at once. */
export const longTurns = new Turns(1)
