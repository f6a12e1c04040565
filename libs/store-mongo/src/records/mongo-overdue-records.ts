import type { OverdueCount, OverdueQuery, OverdueRecords, TombstoneName, Waiting } from '@semblance/core'
import type { Collection, Db, Filter } from 'mongodb'
import { type Ask, LIMITS } from './record-writes.ts'

const COLLECTIONS = { person: 'persons', image: 'images', group: 'groups' } as const

/** What the questions look at, whatever the kind. */
interface OverdueRecord {
  readonly _id: string
  readonly state: string
  readonly touchedAt: Date
  readonly dirty?: boolean
  readonly expireAt?: number
  readonly mergedInto?: string | null
}

/** The records of one kind, and the field that tells since when they have been overdue. */
interface Place {
  readonly collection: keyof typeof COLLECTIONS
  readonly filter: Filter<OverdueRecord>
  readonly since: 'touchedAt' | 'expireAt'
}

const PLACES = {
  'pending-image': inState('image', 'pending'),
  'deleting-image': inState('image', 'deleting'),
  'gone-image': inState('image', 'gone'),
  'erased-image': inState('image', 'erased'),
  'pending-person': inState('person', 'pending'),
  'merging-person': {
    collection: 'person',
    // Ids are more than the empty text, and null is not.
    filter: { state: { $in: ['live', 'merging'] }, mergedInto: { $gt: '' } },
    since: 'touchedAt',
  },
  'deleting-person': inState('person', 'deleting'),
  'gone-person': inState('person', 'gone'),
  'deleting-group': inState('group', 'deleting'),
  'gone-group': inState('group', 'gone'),
  'dirty-person': { collection: 'person', filter: { dirty: true, state: 'live' }, since: 'touchedAt' },
  'expired-person': { collection: 'person', filter: { state: 'live' }, since: 'expireAt' },
} satisfies Record<OverdueQuery['kind'], Place>

function inState(collection: Place['collection'], state: string): Place {
  return { collection, filter: { state }, since: 'touchedAt' }
}

type Which = Pick<OverdueQuery, 'kind' | 'untouchedMs'>

/** What the reconciler asks for, judged by the server's clock alone. */
export class MongoOverdueRecords implements OverdueRecords {
  readonly #db: Db
  readonly #ask: Ask
  readonly #serverNow: (waiting?: Waiting) => Promise<number>

  constructor(
    db: Db,
    deps: { readonly ask: Ask; readonly serverNow: (waiting?: Waiting) => Promise<number> },
  ) {
    this.#db = db
    this.#ask = deps.ask
    this.#serverNow = deps.serverNow
  }

  async list(query: OverdueQuery, waiting?: Waiting): Promise<readonly string[]> {
    // MongoDB takes a limit of 0 for none.
    if (query.limit === 0) return []
    const { records, filter, since } = this.#lookUp(query, await this.#serverNow(waiting))
    const wanted = query.id === undefined ? filter : { ...filter, _id: query.id }
    const overdue = () =>
      records
        .find(wanted, { projection: { _id: 1 }, ...LIMITS })
        .sort({ [since]: 1, _id: 1 })
        .skip(query.skip)
        .limit(query.limit)
        .toArray()
    return (await this.#ask(overdue, waiting)).map(({ _id }) => _id)
  }

  async count(query: Which, waiting?: Waiting): Promise<OverdueCount> {
    const nowMs = await this.#serverNow(waiting)
    const { records, filter, since } = this.#lookUp(query, nowMs)
    const oldest = await this.#ask(
      () => records.findOne(filter, { projection: { [since]: 1 }, sort: { [since]: 1, _id: 1 }, ...LIMITS }),
      waiting,
    )
    if (oldest === null) return { count: 0, oldestMs: 0 }
    const count = await this.#ask(() => records.countDocuments(filter, LIMITS), waiting)
    return { count, oldestMs: Math.max(0, nowMs - Number(oldest[since] ?? nowMs)) }
  }

  /** Removes only a tombstone: a record that came back to life in between stays. */
  async forget({ kind, id }: TombstoneName, waiting?: Waiting): Promise<void> {
    const tombstone = { _id: id, state: { $in: ['gone', 'erased'] } }
    await this.#ask(() => this.#recordsOf(kind).deleteOne(tombstone, LIMITS), waiting)
  }

  #lookUp({ kind, untouchedMs }: Which, nowMs: number) {
    const place: Place = PLACES[kind]
    const expired = place.since === 'expireAt' ? { expireAt: { $lte: nowMs } } : {}
    const filter = { ...place.filter, ...expired, touchedAt: { $lte: new Date(nowMs - untouchedMs) } }
    return { records: this.#recordsOf(place.collection), filter, since: place.since }
  }

  #recordsOf(kind: keyof typeof COLLECTIONS): Collection<OverdueRecord> {
    return this.#db.collection<OverdueRecord>(COLLECTIONS[kind])
  }
}
