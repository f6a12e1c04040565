import type { OperationId, OperationTargets, TargetPart } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'

interface PartColumns {
  readonly position: number
  /** A JSON array. */
  readonly personIds: string
}

/** Whom operations still have to work on. Synchronous: runs on the store's own thread. */
export class OperationTargetRows implements RowsOf<OperationTargets> {
  readonly #add: Statement
  readonly #next: Statement<[string, number], PartColumns>
  readonly #drop: Statement

  constructor(db: Database) {
    this.#add = db.prepare('INSERT INTO operationTargets VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
    this.#next = db.prepare(`SELECT position, personIds FROM operationTargets
      WHERE operationId = ? AND position > ? ORDER BY position LIMIT 1`)
    this.#drop = db.prepare('DELETE FROM operationTargets WHERE operationId = ? AND position <= ?')
  }

  add(id: OperationId, parts: readonly TargetPart[]): void {
    for (const { position, personIds } of parts) this.#add.run(id, position, JSON.stringify(personIds))
  }

  next(id: OperationId, after: number): TargetPart | null {
    const row = this.#next.get(id, after)
    return row === undefined ? null : { position: row.position, personIds: JSON.parse(row.personIds) }
  }

  drop(id: OperationId, upTo: number | undefined): void {
    this.#drop.run(id, upTo ?? Number.MAX_SAFE_INTEGER)
  }
}
