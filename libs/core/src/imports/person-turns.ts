import type { ImportId } from '../ids.ts'
import { untilTurn } from '../waiting.ts'

/** A row's person, named alike in all imports, and the row's own import. */
interface Turn {
  readonly personKey: string
  readonly importId: ImportId
}

interface Waiter {
  readonly importId: ImportId
  readonly begin: () => void
}

interface Line {
  importId: ImportId
  running: number
  /** First come, first served, so that an import with many rows of one person does not keep the others waiting. */
  readonly waiting: Set<Waiter>
}

/**
 * Rows of different imports that mean the same person run one import after the other: the later ones find the person whom the
 * earlier ones have made, and the pictures. Rows of one import run side by side, since the store of imports settles whom they
 * make.
 */
export class PersonTurns {
  readonly #lines = new Map<string, Line>()

  /** Rejects with the signal's reason if it aborts before the task began. */
  async run<T>(turn: Turn, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await untilTurn((begin) => this.#join(turn, begin), signal)
    try {
      return await task()
    } finally {
      this.#leave(turn.personKey)
    }
  }

  #join({ personKey, importId }: Turn, begin: () => void): () => void {
    const line = this.#lines.get(personKey) ?? { importId, running: 0, waiting: new Set<Waiter>() }
    this.#lines.set(personKey, line)
    if (line.importId === importId && line.waiting.size === 0) {
      line.running += 1
      begin()
      return () => {}
    }
    const waiter = { importId, begin }
    line.waiting.add(waiter)
    return () => line.waiting.delete(waiter)
  }

  #leave(personKey: string): void {
    const line = this.#lines.get(personKey)
    if (line === undefined) return
    line.running -= 1
    if (line.running > 0) return
    const [first] = line.waiting
    if (first === undefined) {
      this.#lines.delete(personKey)
      return
    }
    line.importId = first.importId
    for (const waiter of line.waiting) {
      if (waiter.importId !== line.importId) break
      line.waiting.delete(waiter)
      line.running += 1
      waiter.begin()
    }
  }
}
