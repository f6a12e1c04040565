import { untilTurn } from '../waiting.ts'

/** The line that a task stands in, and who it is with. */
export interface Turn {
  readonly line: string
  readonly group: string
}

interface Waiter {
  readonly group: string
  readonly begin: () => void
}

interface Line {
  group: string
  running: number
  /** First come, first served, so that a large group does not keep the others waiting. */
  readonly waiting: Set<Waiter>
}

/** In each line, tasks of one group run side by side, and one group after the other. */
export class Turns {
  readonly #lines = new Map<string, Line>()

  /** Rejects with the signal's reason if it aborts before the task began. */
  async run<T>(turn: Turn, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await untilTurn((begin) => this.#join(turn, begin), signal)
    try {
      return await task()
    } finally {
      this.#leave(turn.line)
    }
  }

  #join({ line: name, group }: Turn, begin: () => void): () => void {
    const line = this.#lines.get(name) ?? { group, running: 0, waiting: new Set<Waiter>() }
    this.#lines.set(name, line)
    if (line.group === group && line.waiting.size === 0) {
      line.running += 1
      begin()
      return () => {}
    }
    const waiter = { group, begin }
    line.waiting.add(waiter)
    return () => line.waiting.delete(waiter)
  }

  #leave(name: string): void {
    const line = this.#lines.get(name)
    if (line === undefined) return
    line.running -= 1
    if (line.running > 0) return
    const [first] = line.waiting
    if (first === undefined) {
      this.#lines.delete(name)
      return
    }
    line.group = first.group
    for (const waiter of line.waiting) {
      if (waiter.group !== line.group) break
      line.waiting.delete(waiter)
      line.running += 1
      waiter.begin()
    }
  }
}
