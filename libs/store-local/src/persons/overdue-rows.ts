import type { OverdueQuery } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'

const TABLES = { person: 'persons', image: 'images', group: 'galleryGroups' } as const
const UNTOUCHED = 'touchedAt <= :nowMs - :untouchedMs'
const OLDEST_FIRST = 'ORDER BY touchedAt, id LIMIT :limit'

/** The second term repeats the condition of the partial index: SQLite uses one only if it reads it literally. */
function inState(table: string, state: string, settled: string): string {
  return `SELECT id FROM ${table}
    WHERE state = '${state}' AND state <> '${settled}' AND ${UNTOUCHED} ${OLDEST_FIRST}`
}

const QUERIES = {
  'pending-image': inState('images', 'pending', 'ready'),
  'deleting-image': inState('images', 'deleting', 'ready'),
  'gone-image': inState('images', 'gone', 'ready'),
  'erased-image': inState('images', 'erased', 'ready'),
  'pending-person': inState('persons', 'pending', 'live'),
  'deleting-person': inState('persons', 'deleting', 'live'),
  'gone-person': inState('persons', 'gone', 'live'),
  'deleting-group': inState('galleryGroups', 'deleting', 'live'),
  'gone-group': inState('galleryGroups', 'gone', 'live'),
  'dirty-person': `SELECT id FROM persons WHERE dirty = 1 AND state = 'live' AND ${UNTOUCHED} ${OLDEST_FIRST}`,
  'expired-person': `SELECT id FROM persons WHERE expireAt IS NOT NULL AND expireAt <= :nowMs
    AND state = 'live' AND ${UNTOUCHED} ORDER BY expireAt, id LIMIT :limit`,
} satisfies Record<OverdueQuery['kind'], string>

/** What the reconciler asks for. Synchronous: runs on the store's own thread. */
export class OverdueRows {
  readonly #db: Database
  readonly #statements = new Map<OverdueQuery['kind'], Statement>()

  constructor(db: Database) {
    this.#db = db
  }

  list(query: OverdueQuery, nowMs: number): readonly string[] {
    let statement = this.#statements.get(query.kind)
    if (statement === undefined) {
      statement = this.#db.prepare(QUERIES[query.kind]).pluck()
      this.#statements.set(query.kind, statement)
    }
    return statement.all({ nowMs, untouchedMs: query.untouchedMs, limit: query.limit }) as string[]
  }

  /** Only a tombstone: a record that came back to life in between stays. */
  forget(kind: keyof typeof TABLES, id: string): void {
    this.#db.prepare(`DELETE FROM ${TABLES[kind]} WHERE id = ? AND state IN ('gone', 'erased')`).run(id)
  }
}
