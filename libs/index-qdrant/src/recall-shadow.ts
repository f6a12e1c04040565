import type { CandidatePerson, Clock, Waiting } from '@semblance/core'

/** How many descriptors passed the filter of a search. */
export type GallerySizeClass = 'to_10k' | 'to_100k' | 'to_1m' | 'to_10m' | 'above_10m'

/** Of one search: how many persons are among its first `at` by an exact look, and how many of them were answered. */
export interface ObservedRecall {
  readonly size: GallerySizeClass
  readonly at: 1 | 10
  readonly expected: number
  readonly found: number
}

/** None of these throws. */
export interface RecallObserver {
  observeRecall(recall: ObservedRecall): void
  /**
   * What came of a search that was picked: `checked`; `exact`: it had looked at everybody already; `busy`: there was no
   * time for it; `failed`: Qdrant did not answer in time.
   */
  countRecallShadow(outcome: 'checked' | 'exact' | 'busy' | 'failed'): void
}

export interface RecallShadowOptions {
  /** The share of searches that are picked, 0..1. */
  readonly share: number
  readonly observer: RecallObserver
}

/** A search that was answered, and how it is made once more. */
export interface AnsweredSearch {
  readonly isExact: boolean
  readonly answered: readonly CandidatePerson[]
  readonly exactly: (waiting: Waiting) => Promise<readonly CandidatePerson[]>
  readonly again: (waiting: Waiting) => Promise<readonly CandidatePerson[]>
  readonly countMatches: (waiting: Waiting) => Promise<number>
}

/** A look at everybody is dear: after one that took a second, nine seconds pass, so that it takes a tenth of one core. */
const REST_PER_WORK = 9
const SHORTEST_REST_MS = 1_000

/**
 * Makes a share of the answered searches once more, exactly, and tells how many persons the graph had lost: a lost
 * neighbour is otherwise the same as nobody. No answer waits for it. One search at a time is repeated, and only while no
 * other one is under way in this process.
 */
export class RecallShadow {
  readonly #deps: RecallShadowOptions & {
    readonly clock: Pick<Clock, 'monotonic'>
    readonly random: () => number
  }
  readonly #stopping = new AbortController()
  #underWay = 0
  #running: Promise<void> | null = null
  #restsUntil = Number.NEGATIVE_INFINITY

  constructor(
    deps: RecallShadowOptions & { readonly clock: Pick<Clock, 'monotonic'>; readonly random: () => number },
  ) {
    this.#deps = deps
  }

  /** Searches are counted while callers wait for them. */
  async during<T>(search: () => Promise<T>): Promise<T> {
    this.#underWay += 1
    try {
      return await search()
    } finally {
      this.#underWay -= 1
    }
  }

  /** Returns at once, and does not throw. */
  offer(search: AnsweredSearch): void {
    const { share, observer, clock, random } = this.#deps
    if (this.#stopping.signal.aborted || random() >= share) return
    if (search.isExact) {
      observer.countRecallShadow('exact')
      return
    }
    if (this.#underWay > 0 || this.#running !== null || clock.monotonic() < this.#restsUntil) {
      observer.countRecallShadow('busy')
      return
    }
    this.#running = this.#check(search).finally(() => {
      this.#running = null
    })
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('the index was closed'))
    await this.#running
  }

  async #check(search: AnsweredSearch): Promise<void> {
    const { observer, clock } = this.#deps
    const begun = clock.monotonic()
    const waiting = { signal: this.#stopping.signal }
    try {
      const wanted = idsOf(await search.exactly(waiting))
      const answered = new Set(idsOf(search.answered))
      // Somebody enrolled between the two looks was not lost: the graph is asked once more before anybody counts as lost.
      if (wanted.some((id) => !answered.has(id)))
        for (const id of idsOf(await search.again(waiting))) answered.add(id)
      const size = sizeClassOf(await search.countMatches(waiting))
      for (const at of [1, 10] as const) {
        const expected = wanted.slice(0, at)
        const found = expected.filter((id) => answered.has(id)).length
        observer.observeRecall({ size, at, expected: expected.length, found })
      }
      observer.countRecallShadow('checked')
    } catch {
      // Whoever searches meets the same fault, and tells it.
      observer.countRecallShadow('failed')
    }
    const took = clock.monotonic() - begun
    this.#restsUntil = clock.monotonic() + Math.max(SHORTEST_REST_MS, REST_PER_WORK * took)
  }
}

function idsOf(persons: readonly CandidatePerson[]): readonly string[] {
  return persons.map(({ personId }) => personId)
}

function sizeClassOf(matches: number): GallerySizeClass {
  if (matches <= 10_000) return 'to_10k'
  if (matches <= 100_000) return 'to_100k'
  if (matches <= 1_000_000) return 'to_1m'
  return matches <= 10_000_000 ? 'to_10m' : 'above_10m'
}
