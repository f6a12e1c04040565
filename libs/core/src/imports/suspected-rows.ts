import { FailedTries } from '../failed-tries.ts'
import type { ImportId } from '../ids.ts'
import type { Import } from './import.ts'
import type { ImportRow } from './import-row.ts'
import type { StoreAbsence } from './store-absence.ts'
import { isGivenUp } from './try-row.ts'

/** So many claims of a row have begun, and all but this one came to no end. */
const SUSPECTED_CLAIMS = 3
const CLAIMED_WITH_SUSPECTS = 8

interface ChosenRows {
  readonly begun: readonly ImportRow[]
  /** To be given back before the others begin: they would count as begun if these end the process. */
  readonly left: readonly ImportRow[]
  /** One of those that begin is suspected; no other row of any import is to be claimed meanwhile. */
  readonly hasSuspect: boolean
}

/**
 * Rows in whose time the engine died, or the process. One of them may have done it; the others were under way at the same time. So
 * each is tried alone, whatever imports they are of: once nothing else is under way, and nothing else is begun until it has ended.
 * The one that does it again is given up after a few times, and the others go through.
 */
export class SuspectedRows {
  /** Tries of a row with which the engine, or a worker, may have died. */
  readonly failed = new FailedTries()
  readonly #absence: Pick<StoreAbsence, 'wasLately'>
  /** The import whose suspect is next: nothing else begins before it. Then others have their turn first: see `ImportTurns`. */
  #awaited: ImportId | null = null
  /** Imports of which the last claim met a suspect: others are likely to be behind it. */
  readonly #met = new Set<ImportId>()

  constructor(absence: Pick<StoreAbsence, 'wasLately'>) {
    this.#absence = absence
  }

  /** These are worked on now: the suspect of another import keeps nobody waiting. */
  awaitOnly(active: readonly Pick<Import, 'id'>[]): void {
    if (!active.some(({ id }) => id === this.#awaited)) this.#awaited = null
    for (const id of this.#met) if (!active.some((one) => one.id === id)) this.#met.delete(id)
  }

  /** Whether rows of an import may be claimed, beside those that are under way. */
  mayBegin(id: ImportId, underWay: readonly { readonly isSuspected: boolean }[]): boolean {
    if (this.#awaited === null) return !underWay.some(({ isSuspected }) => isSuspected)
    return this.#awaited === id && underWay.length === 0
  }

  /** So many rows of an import are to be claimed: all but one may have to be given back. */
  claimSize(id: ImportId, count: number): number {
    return this.#met.has(id) ? Math.min(count, CLAIMED_WITH_SUSPECTS) : count
  }

  /** Rows are claimed now: these tell whether one is to be waited for. */
  awaitNone(): void {
    this.#awaited = null
  }

  /** Which of the rows that were claimed are to begin now. `isAlone`: nothing else is under way. */
  choose(made: Import, rows: readonly ImportRow[], isAlone: boolean): ChosenRows {
    const wasStoreAway = this.#absence.wasLately(made)
    const isOver = (row: ImportRow) => row.outcome !== null || isGivenUp(row, wasStoreAway)
    const suspect = rows.find(
      (row) =>
        !isOver(row) &&
        (this.failed.of(nameOfRow(made, row)) > 0 || (row.tries >= SUSPECTED_CLAIMS && !wasStoreAway)),
    )
    this.#met.delete(made.id)
    if (suspect === undefined) return { begun: rows, left: [], hasSuspect: false }
    this.#met.add(made.id)
    if (!isAlone) this.#awaited = made.id
    const begun = rows.filter((row) => (isAlone && row === suspect) || isOver(row))
    return { begun, left: rows.filter((row) => !begun.includes(row)), hasSuspect: isAlone }
  }
}

/** Two rows may have had one key: see `NamedRow`. */
export function nameOfRow({ id }: Pick<Import, 'id'>, { position }: Pick<ImportRow, 'position'>): string {
  return `${id} ${position}`
}
