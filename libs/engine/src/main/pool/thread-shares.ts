import { FAIR_SHARE, FairTurns, type Lane, TASK_PATIENCE_MS } from '@semblance/core'

const URGENT: Lane = 'search'
/** Tasks of one search that can run side by side: the two networks that describe a face of the built-in pack. */
const TASKS_AT_ONCE = 2
/** More than `FAIR_SHARE` gives: the callers of dear looks wait as long as those of other searches. */
const FAIR_SHARE_OF_DEAR = 4

export interface PictureAtWork {
  readonly lane: Lane
  /** So large that it may be looked at part by part. */
  readonly isLarge: boolean
}

export interface ThreadUse {
  readonly threads: number
  /** Tasks that run for lanes other than search. */
  readonly othersRunning: number
}

/**
 * Who may start on a free thread. A search is a chain of short tasks: if others took the thread between two of them,
 * it would wait for one of theirs at each step. So while searches are at work, each keeps the threads of its next tasks,
 * free if need be; others get the rest, what is between searches, and, when overdue, every eighth start.
 *
 * Dear looks of searches are overtaken by all other tasks of searches, except that every fourth start is theirs when
 * they are overdue. While a small picture is searched they run on half of the threads at most.
 */
export class ThreadShares {
  #searches = 0
  #smallSearches = 0
  readonly #others = new FairTurns({ patienceMs: TASK_PATIENCE_MS, oneIn: FAIR_SHARE })
  readonly #dear = new FairTurns({ patienceMs: TASK_PATIENCE_MS, oneIn: FAIR_SHARE_OF_DEAR })

  /** The picture is at work until the answer is called. */
  begin({ lane, isLarge }: PictureAtWork): () => void {
    if (lane !== URGENT) return () => {}
    const small = isLarge ? 0 : 1
    this.#searches += 1
    this.#smallSearches += small
    return () => {
      this.#searches -= 1
      this.#smallSearches -= small
    }
  }

  /** Whether the oldest of the others' tasks goes before a search's. Counts the starts that passed it over. */
  isTurnOfOthers(waitedMs: number): boolean {
    return this.#others.next(waitedMs)
  }

  /** Whether the oldest dear look goes before another task of a search. Counts the starts that passed it over. */
  isTurnOfDear(waitedMs: number): boolean {
    return this.#dear.next(waitedMs)
  }

  hasThreadForDear({
    threads,
    dearRunning,
  }: {
    readonly threads: number
    readonly dearRunning: number
  }): boolean {
    return dearRunning < (this.#smallSearches === 0 ? threads : Math.max(1, Math.floor(threads / 2)))
  }

  hasThreadForOthers({ threads, othersRunning }: ThreadUse): boolean {
    return othersRunning < threads - Math.min(threads, TASKS_AT_ONCE * this.#searches)
  }
}
