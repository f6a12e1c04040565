import {
  faultOfGroup,
  GROUP_TOMBSTONE,
  type Group,
  type GroupChanges,
  type GroupId,
  type GroupMove,
  type GroupRecords,
  type Listing,
  type ObserveDamage,
  type Page,
  type PageRequest,
  type PersonId,
  type RecordFault,
  readPage,
  type Waiting,
  withoutDamaged,
} from '@semblance/core'
import type { Collection, Db } from 'mongodb'
import type { PersonRecord } from './mongo-person-records.ts'
import { pageOfIds } from './page-of-records.ts'
import { RecordReads } from './record-reads.ts'
import { type Ask, LIMITS, oneBatchOf, RecordWrites, type StoredRecord } from './record-writes.ts'

/** A group as MongoDB holds it. */
export interface GroupRecord extends Omit<Group, 'id'>, StoredRecord {
  readonly _id: GroupId
}

export class MongoGroupRecords implements GroupRecords {
  readonly #records: Collection<GroupRecord>
  readonly #persons: Collection<PersonRecord>
  readonly #reads: RecordReads<GroupRecord>
  readonly #writes: RecordWrites<GroupRecord>
  readonly #ask: Ask
  readonly #onDamage: ObserveDamage

  constructor(db: Db, deps: { readonly ask: Ask; readonly onDamage: ObserveDamage }) {
    const { ask } = deps
    this.#onDamage = deps.onDamage
    this.#records = db.collection<GroupRecord>('groups')
    this.#persons = db.collection<PersonRecord>('persons')
    this.#reads = new RecordReads(this.#records, ask)
    this.#writes = new RecordWrites(this.#records, ask)
    this.#ask = ask
  }

  insert({ id, ...rest }: Group, waiting?: Waiting): Promise<boolean> {
    return this.#writes.insert({ _id: id, ...rest }, waiting)
  }

  async find(id: GroupId, waiting?: Waiting): Promise<Group | null> {
    const record = await this.#reads.find(id, waiting)
    return record === null ? null : (this.#readable([record])[0] ?? null)
  }

  async findMany(ids: readonly GroupId[], waiting?: Waiting): Promise<readonly Group[]> {
    return this.#readable(await this.#reads.findMany(ids, waiting))
  }

  update(id: GroupId, { name, metadata }: GroupChanges, waiting?: Waiting): Promise<boolean> {
    const named = name === undefined ? {} : { name }
    const described = metadata === undefined ? {} : { metadata }
    return this.#writes.change({ _id: id, state: 'live' }, { ...named, ...described }, waiting)
  }

  move(id: GroupId, { from, to }: GroupMove, waiting?: Waiting): Promise<boolean> {
    const stripped = to === 'gone' ? GROUP_TOMBSTONE : {}
    return this.#writes.change({ _id: id, state: { $in: [...from] } }, { state: to, ...stripped }, waiting)
  }

  async list(request: PageRequest, listing?: Listing): Promise<Page<Group>> {
    const at = { records: this.#records, ask: this.#ask }
    const found = await pageOfIds(at, { filter: { state: 'live' }, request }, listing)
    const findMany = (ids: readonly GroupId[]) => this.findMany(ids, listing)
    return readPage(found, { request, findMany, isShown: ({ state }) => state === 'live' }, listing)
  }

  async listMembers(
    query: { readonly groupId: GroupId; readonly after: PersonId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly PersonId[]> {
    // Who is gone names no group any more.
    const filter = { groups: query.groupId, _id: { $gt: (query.after ?? '') as PersonId } }
    const options = { ...oneBatchOf(query.limit), projection: { _id: 1 } }
    const members = () => this.#persons.find(filter, options).sort({ _id: 1 }).limit(query.limit).toArray()
    return (await this.#ask(members, waiting)).map(({ _id }) => _id)
  }

  countMembers(
    { groupId, nowMs }: { readonly groupId: GroupId; readonly nowMs: number },
    waiting?: Waiting,
  ): Promise<number> {
    const filter = { groups: groupId, state: 'live', expireAt: { $gt: nowMs } } as const
    return this.#ask(() => this.#persons.countDocuments(filter, LIMITS), waiting)
  }

  #readable(records: readonly GroupRecord[]): readonly Group[] {
    const groups = records.map(groupOfRecord)
    return withoutDamaged(groups, { kind: 'group', faultOf: faultOfGroup, onDamage: this.#onDamage })
  }
}

export function faultOfGroupRecord(record: GroupRecord): RecordFault {
  return faultOfGroup(groupOfRecord(record))
}

function groupOfRecord({ _id, name, metadata, createdAt, state }: GroupRecord): Group {
  return { id: _id, name, metadata, createdAt, state }
}
