import {
  type Binding,
  type BoundPerson,
  type ErasedRows,
  erasedRow,
  type FlatRow,
  flatRowOf,
  type GoingPerson,
  type ImportedPersons,
  type ImportId,
  type ImportOfPerson,
  type PersonId,
  personKeyOf,
  rowOfFlat,
  stagedOf,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'
import { IMPORT_ROW_ASSIGNMENTS, IMPORT_ROW_COLUMNS } from './import-row-columns.ts'

interface BoundColumns {
  readonly personKey: string
  readonly personId: PersonId
  readonly isMade: number
  readonly upTo: number | null
}

/** Greater than any position, and than any time. */
const ALL = Number.MAX_SAFE_INTEGER

/** Whom imports mean by their person keys. Synchronous: runs on the store's own thread. */
export class ImportedPersonRows implements RowsOf<ImportedPersons> {
  readonly #bind: Statement
  readonly #find: Statement<[string, string], BoundColumns>
  readonly #bindNamed: Statement
  readonly #bindInstead: Statement
  readonly #toBeMade: Statement<unknown[], PersonId>
  readonly #seal: Statement
  readonly #forgetKey: Statement
  readonly #forgetKeyOfGone: Statement
  readonly #importIds: Statement<[], string>
  readonly #unbind: Statement<
    [string],
    { readonly importId: string } & Pick<BoundColumns, 'personKey' | 'upTo'>
  >
  readonly #rowsOf: Statement<[string, string, number], FlatRow>
  readonly #replace: Statement
  readonly #importsOf: Statement<[string], { readonly id: ImportId; readonly made: number }>
  readonly #listMade: Statement<unknown[], PersonId>

  constructor(db: Database) {
    this.#bind = db.prepare(`INSERT INTO importPersons (importId, personKey, personId, isMade)
      VALUES (:id, :personKey, :personId, :isMade) ON CONFLICT DO NOTHING`)
    this.#find = db.prepare(
      'SELECT personKey, personId, isMade, upTo FROM importPersons WHERE importId = ? AND personKey = ?',
    )
    this.#bindNamed = db.prepare(`INSERT INTO importPersons (importId, personKey, personId, isMade)
      SELECT id, :personKey, :personId, 0 FROM imports
      WHERE EXISTS (SELECT 1 FROM importRows
        WHERE importId = imports.id AND personKey = :personKey AND addedAt < :beforeMs)
      ON CONFLICT DO NOTHING`)
    const named = `importId IN (SELECT id FROM imports) AND personKey = :personKey AND isMade = 1
      AND EXISTS (SELECT 1 FROM importRows WHERE importId = importPersons.importId
        AND personKey = :personKey AND addedAt < :beforeMs)`
    this.#bindInstead = db.prepare(`UPDATE importPersons
      SET personId = :personId, isMade = 0, isShared = 0, upTo = NULL WHERE ${named} AND personId = :other`)
    this.#toBeMade = db
      .prepare<unknown[], PersonId>(
        `SELECT personId FROM importPersons WHERE ${named} AND personId <> :personId`,
      )
      .pluck()
    this.#seal = db.prepare(`UPDATE importPersons SET upTo = max(coalesce(upTo, 0), (
        SELECT coalesce(max(position), 0) FROM importRows
        WHERE importId = importPersons.importId AND personKey = importPersons.personKey AND addedAt < :beforeMs))
      WHERE personId = :personId`)
    const forget =
      'DELETE FROM importPersons WHERE importId = :id AND personKey = :personKey AND personId = :personId'
    this.#forgetKeyOfGone = db.prepare(forget)
    this.#forgetKey = db.prepare(`${forget}
      AND NOT EXISTS (SELECT 1 FROM importRows WHERE importId = :id AND personKey = :personKey)`)
    this.#importIds = db.prepare<[], string>('SELECT id FROM imports').pluck()
    this.#unbind = db.prepare(
      'DELETE FROM importPersons WHERE personId = ? RETURNING importId, personKey, upTo',
    )
    this.#rowsOf = db.prepare(
      `SELECT ${IMPORT_ROW_COLUMNS} FROM importRows WHERE importId = ? AND personKey = ? AND position <= ?`,
    )
    this.#replace = db.prepare(`UPDATE importRows SET ${IMPORT_ROW_ASSIGNMENTS}, holder = NULL, leaseUntil = 0
      WHERE importId = :importId AND position = :position`)
    this.#importsOf =
      db.prepare(`SELECT importId AS id, max(isMade) AS made FROM importPersons WHERE personId = ?
      GROUP BY importId ORDER BY importId DESC LIMIT 100`)
    this.#listMade = db
      .prepare<unknown[], PersonId>(
        `SELECT personId FROM importPersons AS made WHERE importId = :id AND isMade = 1 AND isShared = 0
        AND personId > :after
        AND NOT EXISTS (SELECT 1 FROM importPersons WHERE personId = made.personId AND isMade = 1 AND importId <> :id)
        ORDER BY personId LIMIT :limit`,
      )
      .pluck()
  }

  bind(bound: Omit<BoundPerson, 'upTo'> & { readonly id: ImportId }): BoundPerson {
    const { id, personKey, personId, isMade } = bound
    this.#bind.run({ id, personKey, personId, isMade: Number(isMade) })
    return this.find(id, personKey) ?? { personKey, personId, isMade }
  }

  find(id: ImportId, personKey: string): BoundPerson | null {
    const row = this.#find.get(id, personKey)
    if (row === undefined) return null
    const { upTo, ...bound } = row
    return { ...bound, isMade: row.isMade === 1, ...(upTo === null ? {} : { upTo }) }
  }

  findMany(id: ImportId, personKeys: readonly string[]): readonly BoundPerson[] {
    return personKeys.map((key) => this.find(id, key)).filter((bound) => bound !== null)
  }

  seal({ personId, personKey, beforeMs = ALL, insteadOf = [] }: GoingPerson): readonly PersonId[] {
    const going = { personKey, personId, beforeMs }
    if (personKey !== null) this.#bindNamed.run(going)
    for (const other of insteadOf) this.#bindInstead.run({ ...going, other })
    this.#seal.run({ personId, beforeMs })
    return personKey === null ? [] : [...new Set(this.#toBeMade.all(going))]
  }

  now(nowMs: number): number {
    return nowMs
  }

  unbind({ id, personKey, personId, isGone }: Binding): void {
    const forget = isGone === true ? this.#forgetKeyOfGone : this.#forgetKey
    forget.run({ id, personKey, personId })
  }

  erase(personId: PersonId, nowMs: number): ErasedRows {
    // Rows that name the id are bound only once one of them was begun.
    const byId = { personKey: personKeyOf({ by: 'id', id: personId }) }
    const named = this.#importIds.all().map((importId) => ({ importId, ...byId, upTo: null }))
    const rows = [...named, ...this.#unbind.all(personId)].flatMap(({ importId, personKey, upTo }) =>
      this.#rowsOf.all(importId, personKey, upTo ?? ALL).map((columns) => {
        const row = rowOfFlat(columns)
        this.#replace.run({ ...flatRowOf(erasedRow(row, nowMs)), importId })
        return row
      }),
    )
    return { staged: rows.flatMap(stagedOf), ended: rows.filter(({ outcome }) => outcome === null).length }
  }

  importsOf(personId: PersonId): readonly ImportOfPerson[] {
    return this.#importsOf.all(personId).map(({ id, made }) => ({ id, isMade: made === 1 }))
  }

  listMade(query: {
    readonly id: ImportId
    readonly after: PersonId | null
    readonly limit: number
  }): readonly PersonId[] {
    return this.#listMade.all({ ...query, after: query.after ?? '' })
  }
}
