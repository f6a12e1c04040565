import type { ImportId } from '../ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Import, RowCounts, RowPace } from './import.ts'

/** How the rows of an import stand, and how fast they come to their end. */
export interface RowStanding {
  readonly counts: RowCounts
  readonly pace: RowPace
}

export interface CountedImportsDeps {
  readonly imports: Pick<ImportStore, 'rows'>
  readonly clock: Pick<Clock, 'monotonic'>
  /**
   * What is counted so long after the first count of this process is told for a second, however long it took: a process that has just
   * started opens connections meanwhile, and that says nothing of counting. 0 if left out.
   */
  readonly warmUpMs?: number | undefined
}

interface Counted {
  /** Of the import's record as it was before the rows were counted. */
  readonly rev: number
  readonly at: number
  readonly standing: Promise<RowStanding>
  /** For so long it is told again, from `at` on. */
  keptMs: number
}

/** Counting is a dozen queries, of which three read as many keys of an index as the import has rows. */
const LEAST_KEPT_MS = 1_000
/** Where counting is slow, it takes up no more than so much of the store's time, whoever asks. */
const MOST_SHARE = 0.1
const MOST_KEPT_MS = 10_000
/** Nothing of an import that has ended changes unless its record does. */
const ENDED_KEPT_MS = 60_000
/** Less than 1 kB each. */
const MOST_COUNTED = 1_000

/**
 * Counts the rows of imports for all who ask in this process. What is told is a second old at most; if counting takes longer than a
 * tenth of that, ten times as old as that took, and 10 s at most. A change of the import's record, such as its end, is counted
 * anew at once, so that nobody hears of an end with counts from before it.
 */
export class CountedImports {
  readonly #deps: CountedImportsDeps
  readonly #counted = new Map<ImportId, Counted>()
  /** When the first count came to its end. */
  #firstAt: number | null = null

  constructor(deps: CountedImportsDeps) {
    this.#deps = deps
  }

  /** `made` must have been read by this caller just before. */
  async standingOf(made: Import, waiting?: Waiting): Promise<RowStanding> {
    const known = this.#counted.get(made.id)
    const isKept = known?.rev === made.rev && this.#deps.clock.monotonic() - known.at < known.keptMs
    const standing = await (isKept ? known : this.#count(made)).standing
    waiting?.signal?.throwIfAborted()
    return standing
  }

  /** This process has changed rows of the import: whoever did so is told of them. */
  forget(id: ImportId): void {
    this.#counted.delete(id)
  }

  /** For others, too, so that nobody's leaving ends it; the store's own deadlines do. */
  #count({ id, rev, endedAt }: Import): Counted {
    const { imports, clock, warmUpMs = 0 } = this.#deps
    const at = clock.monotonic()
    const isWarm = () => warmUpMs === 0 || (this.#firstAt !== null && at - this.#firstAt >= warmUpMs)
    const count = async () => {
      const [counts, pace] = await Promise.all([imports.rows.count(id), imports.rows.pace(id)])
      const tookMs = isWarm() ? clock.monotonic() - at : 0
      this.#firstAt ??= clock.monotonic()
      const activeMs = Math.min(Math.max(LEAST_KEPT_MS, tookMs / MOST_SHARE), MOST_KEPT_MS)
      counted.keptMs = endedAt === null ? activeMs : ENDED_KEPT_MS
      return { counts, pace }
    }
    const counted: Counted = { rev, at, standing: count(), keptMs: Number.POSITIVE_INFINITY }
    counted.standing.catch(() => {
      if (this.#counted.get(id) === counted) this.#counted.delete(id)
    })
    this.#counted.delete(id)
    this.#counted.set(id, counted)
    for (const oldest of this.#counted.keys()) {
      if (this.#counted.size <= MOST_COUNTED) break
      this.#counted.delete(oldest)
    }
    return counted
  }
}
