import {
  type Operation,
  type OperationChanges,
  type OperationId,
  type OperationQuery,
  type OperationRecords,
  type OperationState,
  type Page,
  pageOf,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'
import { NO_CURSOR } from './no-cursor.ts'

/** An operation as its table has it; the others of its fields are the record's own. */
type OperationColumns = Omit<Operation, 'parameters' | 'isLimitReached' | 'marks'> & {
  /** JSON, as the marks are. */
  readonly parameters: string
  readonly marks: string
  readonly isLimitReached: number
}

const COLUMNS = `id, kind, parameters, state, cursor, done, total, skipped, marks, isLimitReached, failure, createdAt, updatedAt,
  endedAt, rev`
const OF_KIND = '(:kind IS NULL OR kind = :kind) AND id < :cursor'

/** Operations without their targets and results. Synchronous: runs on the store's own thread. */
export class OperationRecordRows implements RowsOf<OperationRecords> {
  readonly #insert: Statement
  readonly #find: Statement<[string], OperationColumns>
  readonly #list: Statement<unknown[], OperationColumns>
  readonly #count: Statement
  readonly #listByState: Statement<[string], OperationColumns>
  readonly #update: Statement<unknown[], OperationColumns>
  readonly #forget: readonly Statement[]

  constructor(db: Database) {
    this.#insert =
      db.prepare(`INSERT INTO operations (${COLUMNS}) VALUES (:id, :kind, :parameters, :state, :cursor, :done,
      :total, :skipped, :marks, :isLimitReached, :failure, :createdAt, :updatedAt, :endedAt, :rev) ON CONFLICT (id) DO NOTHING`)
    this.#find = db.prepare(`SELECT ${COLUMNS} FROM operations WHERE id = ?`)
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM operations WHERE ${OF_KIND}
      ORDER BY id DESC LIMIT :size OFFSET :offset`)
    this.#count = db.prepare(`SELECT count(*) FROM operations WHERE ${OF_KIND}`).pluck()
    this.#listByState = db.prepare(`SELECT ${COLUMNS} FROM operations
      WHERE state = ? ORDER BY id`)
    this.#update =
      db.prepare(`UPDATE operations SET parameters = :parameters, state = :state, cursor = :cursor,
      done = :done, total = :total, skipped = :skipped, marks = :marks, isLimitReached = :isLimitReached, failure = :failure,
      updatedAt = :updatedAt, endedAt = :endedAt, rev = rev + 1 WHERE id = :id AND rev = :rev RETURNING ${COLUMNS}`)
    this.#forget = [
      'DELETE FROM operationTargets WHERE operationId = ?',
      'DELETE FROM duplicatePairs WHERE operationId = ?',
      'DELETE FROM operations WHERE id = ?',
    ].map((sql) => db.prepare(sql))
  }

  insert(made: Operation): boolean {
    return this.#insert.run(columnsOf(made)).changes === 1
  }

  find(id: OperationId): Operation | null {
    const row = this.#find.get(id)
    return row === undefined ? null : operationOf(row)
  }

  list({ kind, request }: OperationQuery): Page<Operation> {
    const { page, size, cursor = NO_CURSOR } = request
    const values = { kind: kind ?? null, cursor }
    const rows = this.#list.all({ ...values, size, offset: (page - 1) * size })
    return pageOf(rows.map(operationOf), this.#count.get(values) as number, request)
  }

  listByState(states: readonly OperationState[]): readonly Operation[] {
    const rows = states.flatMap((state) => this.#listByState.all(state))
    return rows.map(operationOf).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }

  update(
    { id, rev }: { readonly id: OperationId; readonly rev: number },
    changes: OperationChanges,
  ): Operation | null {
    const before = this.find(id)
    if (before?.rev !== rev) return null
    const { kind: _, createdAt: __, ...changed } = columnsOf({ ...before, ...changes } as Operation)
    const row = this.#update.get(changed)
    return row === undefined ? null : operationOf(row)
  }

  forget(id: OperationId): void {
    for (const statement of this.#forget) statement.run(id)
  }
}

function columnsOf({ parameters, marks, isLimitReached, ...own }: Operation): OperationColumns {
  const json = { parameters: JSON.stringify(parameters), marks: JSON.stringify(marks) }
  return { ...own, ...json, isLimitReached: Number(isLimitReached) }
}

function operationOf({ parameters, marks, isLimitReached, ...own }: OperationColumns): Operation {
  const json = { parameters: JSON.parse(parameters), marks: JSON.parse(marks) }
  // What was written with a kind are the parameters of that kind.
  return { ...own, ...json, isLimitReached: isLimitReached === 1 } as Operation
}
