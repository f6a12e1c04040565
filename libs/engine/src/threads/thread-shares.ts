import type { Lane } from '@semblance/core'

const URGENT: Lane = 'search'
/** Less urgent work that has waited for so long is overdue, ms. */
const PATIENCE_MS = 2_000
/** While something is overdue, one start in so many is its. */
const FAIR_SHARE = 8

export interface ThreadUse {
  readonly threads: number
  /** Tasks that run for lanes other than search. */
  readonly othersRunning: number
}

/**
 * Who may start on a free thread. A search is a chain of short tasks: if others took the thread between two of them,
 * it would wait for one of theirs at each step. So while searches are at work, each keeps a thread for its next task,
 * free if need be; others get the rest, what is between searches, and, when overdue, every eighth start.
 */
export class ThreadShares {
  #searches = 0
  #passedOver = 0

  /** A picture of that lane is at work until the answer is called. */
  begin(lane: Lane): () => void {
    if (lane !== URGENT) return () => {}
    this.#searches += 1
    return () => {
      this.#searches -= 1
    }
  }

  /** Whether the oldest of the others' tasks goes before a search's. Counts the starts that passed it over. */
  isTurnOfOthers(waitedMs: number): boolean {
    if (waitedMs < PATIENCE_MS) {
      this.#passedOver = 0
      return false
    }
    this.#passedOver += 1
    if (this.#passedOver < FAIR_SHARE) return false
    this.#passedOver = 0
    return true
  }

  hasThreadForOthers({ threads, othersRunning }: ThreadUse): boolean {
    return othersRunning < threads - Math.min(threads, this.#searches)
  }
}
