import type { OverdueCount, OverdueQuery, OverdueRecords, TombstoneName } from '@semblance/core'
import type { Database, Statement } from 'better-sqlite3'
import type { RowsOf } from '../store-calls.ts'

const TABLES = { person: 'persons', image: 'images', group: 'galleryGroups' } as const satisfies Record<
  TombstoneName['kind'],
  string
>
const UNTOUCHED = 'touchedAt <= :nowMs - :untouchedMs'

/** The rows of one kind, and the column that tells since when they have been overdue. */
interface Place {
  readonly rows: string
  readonly since: 'touchedAt' | 'expireAt'
}

/** The second term repeats the condition of the partial index: SQLite uses one only if it reads it literally. */
function inState(table: string, state: string, settled: string): Place {
  const rows = `FROM ${table} WHERE state = '${state}' AND state <> '${settled}' AND ${UNTOUCHED}`
  return { rows, since: 'touchedAt' }
}

const PLACES = {
  'pending-image': inState('images', 'pending', 'ready'),
  'deleting-image': inState('images', 'deleting', 'ready'),
  'gone-image': inState('images', 'gone', 'ready'),
  'erased-image': inState('images', 'erased', 'ready'),
  'pending-person': inState('persons', 'pending', 'live'),
  'merging-person': {
    rows: `FROM persons WHERE mergedInto IS NOT NULL AND state IN ('live', 'merging') AND ${UNTOUCHED}`,
    since: 'touchedAt',
  },
  'deleting-person': inState('persons', 'deleting', 'live'),
  'gone-person': inState('persons', 'gone', 'live'),
  'deleting-group': inState('galleryGroups', 'deleting', 'live'),
  'gone-group': inState('galleryGroups', 'gone', 'live'),
  'dirty-person': {
    rows: `FROM persons WHERE dirty = 1 AND state = 'live' AND ${UNTOUCHED}`,
    since: 'touchedAt',
  },
  'expired-person': {
    rows: `FROM persons WHERE expireAt IS NOT NULL AND expireAt <= :nowMs AND state = 'live' AND ${UNTOUCHED}`,
    since: 'expireAt',
  },
} satisfies Record<OverdueQuery['kind'], Place>

type Asked = 'list' | 'list one' | 'count'

/** What the reconciler asks for. Synchronous: runs on the store's own thread. */
export class OverdueRows implements RowsOf<OverdueRecords> {
  readonly #db: Database
  readonly #statements = new Map<string, Statement>()

  constructor(db: Database) {
    this.#db = db
  }

  list({ kind, ...query }: OverdueQuery, nowMs: number): readonly string[] {
    const { untouchedMs, skip, limit, id } = query
    const values = { nowMs, untouchedMs, skip, limit }
    if (id === undefined) return this.#statement(kind, 'list').pluck().all(values) as string[]
    return this.#statement(kind, 'list one')
      .pluck()
      .all({ ...values, id }) as string[]
  }

  count({ kind, untouchedMs }: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, nowMs: number): OverdueCount {
    const { count, since } = this.#statement(kind, 'count').get({ nowMs, untouchedMs }) as {
      readonly count: number
      readonly since: number | null
    }
    return { count, oldestMs: Math.max(0, nowMs - (since ?? nowMs)) }
  }

  #statement(kind: OverdueQuery['kind'], asked: Asked): Statement {
    const key = `${asked} ${kind}`
    const known = this.#statements.get(key)
    if (known !== undefined) return known
    const { rows, since } = PLACES[kind]
    const made = this.#db.prepare(
      asked === 'count'
        ? `SELECT COUNT(*) AS count, MIN(${since}) AS since ${rows}`
        : `SELECT id ${rows} ${asked === 'list one' ? 'AND id = :id' : ''}
           ORDER BY ${since}, id LIMIT :limit OFFSET :skip`,
    )
    this.#statements.set(key, made)
    return made
  }

  /** Removes only a tombstone: a record that came back to life in between stays. */
  forget({ kind, id }: TombstoneName): void {
    this.#db.prepare(`DELETE FROM ${TABLES[kind]} WHERE id = ? AND state IN ('gone', 'erased')`).run(id)
  }
}
