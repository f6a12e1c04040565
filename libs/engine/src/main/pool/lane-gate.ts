import { untilTurn } from '@semblance/core'
import { type TaskOrder, TaskQueue } from './task-queue.ts'

interface Turn extends TaskOrder {
  readonly weight: number
  readonly enter: () => void
}

export interface GateRequest extends TaskOrder {
  readonly weight: number
  readonly signal?: AbortSignal | undefined
}

/**
 * Lets in as much weight at a time as fits, most urgent lane and oldest first. One weight above the whole capacity
 * passes alone.
 */
export class LaneGate {
  readonly #capacity: number
  readonly #waiting = new TaskQueue<Turn>()
  #inside = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  /** Runs `use` inside; rejects with the signal's reason if aborted while waiting. */
  async pass<T>(request: GateRequest, use: () => Promise<T>): Promise<T> {
    const weight = Math.min(request.weight, this.#capacity)
    await this.#enter({ ...request, weight })
    try {
      return await use()
    } finally {
      this.#inside -= weight
      this.#admit()
    }
  }

  #enter({ lane, ticket, weight, signal }: GateRequest): Promise<void> {
    return untilTurn((enter) => {
      const turn: Turn = { lane, ticket, weight, enter }
      this.#waiting.add(turn)
      this.#admit()
      return () => {
        this.#waiting.remove(turn)
        this.#admit()
      }
    }, signal)
  }

  #admit(): void {
    for (let next = this.#waiting.peek(); next !== null; next = this.#waiting.peek()) {
      if (this.#inside + next.weight > this.#capacity) return
      this.#waiting.remove(next)
      this.#inside += next.weight
      next.enter()
    }
  }
}
