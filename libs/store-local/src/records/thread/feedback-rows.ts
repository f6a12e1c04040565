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

/** Behind every id, which is of hexadecimal digits. */
const ABOVE_ALL = 'g'

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
    const page = 'id < :before ORDER BY id DESC LIMIT :limit'
    this.#list = db.prepare(`SELECT ${COLUMNS} FROM feedback WHERE ${page}`)
    this.#listOf = db.prepare(`SELECT ${COLUMNS} FROM feedback WHERE personId = :personId AND ${page}`)
    this.#remove = db.prepare('DELETE FROM feedback WHERE id = ?')
    this.#erase = db.prepare('DELETE FROM feedback WHERE personId = ?')
  }

  add({ id, personId, imageId, distance, verdict, createdAt, requestId }: Feedback): void {
    this.#add.run({ id, personId, imageId, distance, verdict, createdAt, requestId })
    this.#trim.run({ personId })
  }

  list({ personIds, before, limit }: FeedbackQuery): readonly Feedback[] {
    const page = { before: before ?? ABOVE_ALL, limit }
    if (personIds === null) return this.#list.all(page)
    // The index of each person has the order; that of several would be made by sorting all that they have.
    const found = personIds.flatMap((personId) => this.#listOf.all({ ...page, personId }))
    return found.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit)
  }

  remove(id: FeedbackId): boolean {
    return this.#remove.run(id).changes === 1
  }

  erase(personId: PersonId): void {
    this.#erase.run(personId)
  }
}
