import {
  faultOfImport,
  type Import,
  type ImportChanges,
  type ImportId,
  type ImportRecords,
  type ImportState,
  jsonOrNothing,
  type ObserveDamage,
  type Page,
  type PageRequest,
  pageOf,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'
import { NO_CURSOR } from './no-cursor.ts'

/** An import as its table has it; the others of its fields are the record's own. */
type ImportColumns = Omit<
  Import,
  'policies' | 'groups' | 'takesRows' | 'heldUp' | 'source' | 'erasesPersons'
> & {
  /** JSON. */
  readonly policies: string
  /** A JSON array. */
  readonly groupIds: string
  readonly takesRows: number
  /** JSON. */
  readonly heldUp: string | null
  /** JSON. */
  readonly source: string | null
  readonly erasesPersons: number
}

const COLUMNS =
  'id, name, policies, groupIds, state, takesRows, createdAt, updatedAt, endedAt, heldUp, source, erasesPersons, rev'

/** Imports without their rows. Synchronous: runs on the store's own thread. */
export class ImportRecordRows implements RowsOf<ImportRecords> {
  readonly #insert: Statement
  readonly #find: Statement<[string], ImportColumns>
  readonly #list: Statement<unknown[], ImportColumns>
  readonly #count: Statement
  readonly #listByState: Statement<[string], ImportColumns>
  readonly #listCancelling: Statement<[], ImportColumns>
  readonly #update: Statement<unknown[], ImportColumns>
  readonly #forget: readonly Statement[]

  readonly #onDamage: ObserveDamage

  constructor(db: Database, onDamage: ObserveDamage) {
    this.#onDamage = onDamage
    this.#insert =
      db.prepare(`INSERT INTO imports (${COLUMNS}) VALUES (:id, :name, :policies, :groupIds, :state,
      :takesRows, :createdAt, :updatedAt, :endedAt, :heldUp, :source, :erasesPersons, :rev) ON CONFLICT (id) DO NOTHING`)
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM imports WHERE id = ?`)
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM imports WHERE state <> 'deleting' AND id < ?
      ORDER BY id DESC LIMIT ? OFFSET ?`)
    this.#count = db.prepare(`SELECT count(*) FROM imports WHERE state <> 'deleting' AND id < ?`).pluck()
    this.#listByState = db.prepare(`SELECT ${COLUMNS} FROM imports
      WHERE state = ? ORDER BY id`)
    this.#listCancelling = db.prepare(`SELECT ${COLUMNS} FROM imports
      WHERE state = 'cancelled' AND endedAt IS NULL ORDER BY id`)
    this.#update = db.prepare(`UPDATE imports SET name = :name, state = :state, takesRows = :takesRows,
      endedAt = :endedAt, heldUp = :heldUp, source = :source, erasesPersons = :erasesPersons, updatedAt = :updatedAt, rev = rev + 1 WHERE id = :id AND rev = :rev RETURNING ${COLUMNS}`)
    // Rows may have come after the last of them was removed: nobody would ever look for these.
    this.#forget = [
      `UPDATE importPersons SET isShared = 1 WHERE isMade = 1 AND importId <> :id
        AND personId IN (SELECT personId FROM importPersons WHERE importId = :id AND isMade = 1)`,
      'DELETE FROM importRows WHERE importId = :id',
      'DELETE FROM importPersons WHERE importId = :id',
      'DELETE FROM imports WHERE id = :id',
    ].map((sql) => db.prepare(sql))
  }

  insert(made: Import): boolean {
    const { policies, groups, takesRows, heldUp, source, erasesPersons, ...own } = made
    const row = { ...own, policies: JSON.stringify(policies), groupIds: JSON.stringify(groups) }
    const flags = { takesRows: Number(takesRows), erasesPersons: Number(erasesPersons) }
    const how = { heldUp: jsonOf(heldUp), source: jsonOf(source) }
    return this.#insert.run({ ...row, ...flags, ...how }).changes === 1
  }

  find(id: ImportId): Import | null {
    const row = this.#find.get(id)
    return row === undefined ? null : (this.#readable([row])[0] ?? null)
  }

  isUnreadable(id: ImportId): boolean {
    return this.#find.get(id) !== undefined && this.find(id) === null
  }

  list(request: PageRequest): Page<Import> {
    const { page, size, cursor = NO_CURSOR } = request
    const rows = this.#list.all(cursor, size, (page - 1) * size)
    return pageOf(this.#readable(rows), this.#count.get(cursor) as number, request)
  }

  listByState(states: readonly ImportState[]): readonly Import[] {
    const rows = states.flatMap((state) => this.#listByState.all(state))
    return this.#readable(rows).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  listCancelling(): readonly Import[] {
    return this.#readable(this.#listCancelling.all())
  }

  update(
    { id, rev }: { readonly id: ImportId; readonly rev: number },
    changes: ImportChanges,
  ): Import | null {
    const before = this.find(id)
    if (before?.rev !== rev) return null
    const after = { ...before, ...changes }
    const { name, state, takesRows, endedAt, heldUp, source, erasesPersons, updatedAt } = after
    const row = this.#update.get({
      id,
      rev,
      name,
      state,
      takesRows: Number(takesRows),
      endedAt,
      heldUp: jsonOf(heldUp),
      source: jsonOf(source),
      erasesPersons: Number(erasesPersons),
      updatedAt,
    })
    return row === undefined ? null : importOf(row)
  }

  /** One that was changed by hand, or by a bad disk, must not stop the rest. */
  #readable(rows: readonly ImportColumns[]): readonly Import[] {
    return rows.flatMap((row) => {
      const why = faultOfImport({ ...row, groups: jsonOrNothing(row.groupIds) })
      if (why === null) return [importOf(row)]
      this.#onDamage({ kind: 'import', id: row.id, why })
      return []
    })
  }

  forget(id: ImportId): void {
    for (const statement of this.#forget) statement.run({ id })
  }
}

function jsonOf(value: object | null): string | null {
  return value === null ? null : JSON.stringify(value)
}

function importOf(columns: ImportColumns): Import {
  const { policies, groupIds, takesRows, heldUp, source, erasesPersons, ...own } = columns
  return {
    ...own,
    policies: JSON.parse(policies),
    groups: JSON.parse(groupIds),
    takesRows: takesRows === 1,
    heldUp: heldUp === null ? null : JSON.parse(heldUp),
    source: source === null ? null : JSON.parse(source),
    erasesPersons: erasesPersons === 1,
  }
}
