import {
  type Feedback,
  type FeedbackId,
  type FeedbackQuery,
  type FeedbackRecords,
  MOST_FEEDBACK_OF_PERSON,
  type PersonId,
} from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'

const COLUMNS = 'id, personId, imageId, distance, verdict, createdAt, requestId'

/** What was said of candidates. Synchronous: runs on the store's own thread. */
export class FeedbackRows implements RowsOf<FeedbackRecords> {
  readonly #add: Statement
  readonly #trim: Statement
  readonly #list: Statement<unknown[], Feedback>
  readonly #listOf: Statement<unknown[], Feedback>
  readonly #remove: Statement
  readonly #erase: Statement

  constructor(db: Database) {
    this.#add = db.prepare(`INSERT INTO feedback (${COLUMNS})
      VALUES (:id, :personId, :imageId, :distance, :verdict, :createdAt, :requestId) ON CONFLICT DO NOTHING`)
    this.#trim =
      db.prepare(`DELETE FROM feedback WHERE personId = :personId AND id <= (SELECT id FROM feedback
      WHERE personId = :personId ORDER BY id DESC LIMIT 1 OFFSET ${MOST_FEEDBACK_OF_PERSON})`)
    const page = 'AND (:before IS NULL OR id < :before) ORDER BY id DESC LIMIT :limit'
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM feedback WHERE true ${page}`)
    this.#listOf = db.prepare(`SELECT ${COLUMNS} FROM feedback
      WHERE personId IN (SELECT value FROM json_each(:personIds)) ${page}`)
    this.#remove = db.prepare('DELETE FROM feedback WHERE id = ?')
    this.#erase = db.prepare('DELETE FROM feedback WHERE personId = ?')
  }

  add({ id, personId, imageId, distance, verdict, createdAt, requestId }: Feedback): void {
    this.#add.run({ id, personId, imageId, distance, verdict, createdAt, requestId })
    this.#trim.run({ personId })
  }

  list({ personIds, before, limit }: FeedbackQuery): readonly Feedback[] {
    if (personIds === null) return this.#list.all({ before, limit })
    return this.#listOf.all({ before, limit, personIds: JSON.stringify(personIds) })
  }

  remove(id: FeedbackId): boolean {
    return this.#remove.run(id).changes === 1
  }

  erase(personId: PersonId): void {
    this.#erase.run(personId)
  }
}
