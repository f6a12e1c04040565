import {
  comparedName,
  faultOfMetadata,
  faultOfPerson,
  isVisible,
  type Listing,
  type MergedPerson,
  metadataTermOf,
  type ObserveDamage,
  type Page,
  type PageRequest,
  PERSON_TOMBSTONE,
  type Person,
  type PersonAtRev,
  type PersonChanges,
  type PersonId,
  type PersonPlace,
  type PersonQuery,
  type PersonRecords,
  type RecordFault,
  readPage,
  type SortedPersonQuery,
  type Waiting,
} from '@semblance/core'
import type { Collection, Db, Filter } from 'mongodb'
import { pageOfIds } from './page-of-records.ts'
import { listPlaces } from './person-places.ts'
import { RecordReads } from './record-reads.ts'
import {
  type Ask,
  asLastWritten,
  LIMITS,
  oneBatchOf,
  RecordWrites,
  type StoredRecord,
} from './record-writes.ts'
import { termsInTurns } from './terms-in-turns.ts'

/** A person as MongoDB holds it. */
export interface PersonRecord extends Omit<Person, 'id' | 'name' | 'expireAt'>, StoredRecord {
  readonly _id: PersonId
  /** `NEVER` in place of null, so that who is visible is one range of an index. */
  readonly expireAt: number
  /** What names are compared by. */
  readonly name: string
  /** The name as it was sent, where that is another text; else null, or absent. */
  readonly sentName?: string | null
  /** The terms of `metadata`, in one index; absent where there are none, or in a record of an older version. */
  readonly terms?: readonly string[]
}

/** The latest date that there is. */
const NEVER = 8_640_000_000_000_000

export class MongoPersonRecords implements PersonRecords {
  readonly #records: Collection<PersonRecord>
  readonly #reads: RecordReads<PersonRecord>
  readonly #writes: RecordWrites<PersonRecord>
  readonly #ask: Ask
  readonly #onDamage: ObserveDamage

  constructor(db: Db, deps: { readonly ask: Ask; readonly onDamage: ObserveDamage }) {
    const { ask } = deps
    this.#onDamage = deps.onDamage
    this.#records = db.collection<PersonRecord>('persons')
    this.#reads = new RecordReads(this.#records, ask)
    this.#writes = new RecordWrites(this.#records, ask)
    this.#ask = ask
  }

  async insert({ id, expireAt, ...rest }: Person, waiting?: Waiting): Promise<boolean> {
    const terms = await termsInTurns(rest.metadata)
    const record = { _id: id, ...rest, ...namesOf(rest.name), expireAt: expireAt ?? NEVER, terms }
    return this.#writes.insert(record, waiting)
  }

  async find(id: PersonId, waiting?: Waiting): Promise<Person | null> {
    const record = await this.#reads.find(id, waiting)
    return record === null ? null : this.#readable(record)
  }

  async findMany(ids: readonly PersonId[], waiting?: Waiting): Promise<readonly Person[]> {
    const records = await this.#reads.findMany(ids, waiting)
    return records.map((record) => this.#readable(record)).filter((person) => person !== null)
  }

  async update({ id, rev }: PersonAtRev, changes: PersonChanges, waiting?: Waiting): Promise<Person | null> {
    const values = { ...(await valuesOf(changes)), rev: rev + 1 }
    const record = await this.#writes.changeAndRead({ _id: id, rev }, values, waiting)
    return record === null ? null : this.#readable(record)
  }

  async markClean({ id, rev }: PersonAtRev, waiting?: Waiting): Promise<void> {
    await this.#writes.change({ _id: id, rev }, { dirty: false }, waiting)
  }

  async markUnreadable(
    { id, updatedAt }: { readonly id: PersonId; readonly updatedAt: number },
    waiting?: Waiting,
  ): Promise<boolean> {
    const record = await this.#ask(() => this.#records.findOne({ _id: id }, LIMITS), waiting)
    if (record === null || record.state === 'gone' || faultOfPersonRecord(record) === null) return false
    // A rev above any count of changes: whoever read the record before loses.
    const values = {
      ...STRIPPED,
      createdAt: updatedAt,
      updatedAt,
      rev: updatedAt,
      state: 'deleting',
    } as const
    return this.#writes.change(asLastWritten(record), values, waiting)
  }

  async listMerged(into: readonly PersonId[], waiting?: Waiting): Promise<readonly MergedPerson[]> {
    if (into.length === 0) return []
    const filter = { state: { $in: ['live', 'merging', 'merged'] }, mergedInto: { $in: [...into] } } as const
    const options = { ...LIMITS, projection: { _id: 1, mergedInto: 1, state: 1 } } as const
    const records = await this.#ask(() => this.#records.find(filter, options).toArray(), waiting)
    return records.map(({ _id: id, mergedInto, state }) => ({ id, mergedInto, state }) as MergedPerson)
  }

  async listIds(
    query: PersonQuery & { readonly after: PersonId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly PersonId[]> {
    const filter = { ...visibleOf(query), _id: { $gt: (query.after ?? '') as PersonId } }
    const options = { ...oneBatchOf(query.limit), projection: { _id: 1 } }
    const found = () => this.#records.find(filter, options).sort({ _id: 1 }).limit(query.limit).toArray()
    return (await this.#ask(found, waiting)).map(({ _id }) => _id)
  }

  async list(query: PersonQuery, request: PageRequest, listing?: Listing): Promise<Page<Person>> {
    const at = { records: this.#records, ask: this.#ask }
    const found = await pageOfIds(at, { filter: visibleOf(query), request }, listing)
    const findMany = (ids: readonly PersonId[]) => this.findMany(ids, listing)
    const isShown = (person: Person) => isVisible(person, query.nowMs)
    return readPage(found, { request, findMany, isShown }, listing)
  }

  listSorted(query: SortedPersonQuery, waiting?: Waiting): Promise<readonly PersonPlace[]> {
    const at = { records: this.#records, ask: this.#ask }
    return listPlaces(at, { filter: visibleOf(query), query }, waiting)
  }

  #readable(record: PersonRecord): Person | null {
    const person = personOfRecord(record)
    const why = faultOfPersonRecord(record)
    if (why !== null) this.#onDamage({ kind: 'person', id: String(person.id), why })
    return why === null ? person : null
  }
}

function visibleOf(query: PersonQuery): Filter<PersonRecord> {
  const { nowMs, groupId, name, namePrefix, created, updated, externalId, metadata = [] } = query
  const exactly = name === undefined ? {} : { $eq: comparedName(name) }
  const names =
    namePrefix === undefined ? exactly : { ...exactly, ...beginningWith(comparedName(namePrefix)) }
  return {
    ...(groupId === undefined ? {} : { groups: groupId }),
    ...(Object.keys(names).length === 0 ? {} : { name: names }),
    ...(created === undefined ? {} : { createdAt: { $gte: created.fromMs, $lt: created.toMs } }),
    ...(updated === undefined ? {} : { updatedAt: { $gte: updated.fromMs, $lt: updated.toMs } }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(metadata.length === 0 ? {} : { terms: { $all: metadata.map(metadataTermOf) } }),
    state: 'live',
    expireAt: { $gt: nowMs },
  }
}

/** No character comes after the last one there is. */
function beginningWith(text: string) {
  return { $gte: text, $lt: `${text}\u{10ffff}` }
}

export function faultOfPersonRecord(record: PersonRecord): RecordFault {
  const person = personOfRecord(record)
  return faultOfPerson(person) ?? faultOfMetadata(person.metadata)
}

/** Tolerates that null and empty are left out: not every server keeps them in an upsert. */
function personOfRecord(record: PersonRecord): Person {
  const {
    _id,
    touchedAt: _,
    write: __,
    terms: ___,
    name,
    sentName,
    expireAt,
    externalId,
    groups,
    mergedInto,
    ...rest
  } = record
  // A process of an older version changes the name alone.
  const isSent = typeof sentName === 'string' && comparedName(sentName) === name
  return {
    id: _id,
    ...rest,
    name: isSent ? sentName : name,
    externalId: externalId ?? null,
    groups: groups ?? [],
    expireAt: expireAt === NEVER ? null : expireAt,
    ...(mergedInto == null ? {} : { mergedInto }),
  }
}

async function valuesOf({ expireAt, ...changes }: PersonChanges): Promise<Partial<PersonRecord>> {
  if (changes.state === 'gone') return { ...changes, ...STRIPPED }
  return {
    ...changes,
    ...(expireAt === undefined ? {} : { expireAt: expireAt ?? NEVER }),
    ...(changes.name === undefined ? {} : namesOf(changes.name)),
    ...(changes.metadata === undefined ? {} : { terms: await termsInTurns(changes.metadata) }),
  }
}

/** A name as a record has it. */
export function namesOf(sent: string): { readonly name: string; readonly sentName: string | null } {
  const name = comparedName(sent)
  return { name, sentName: name === sent ? null : sent }
}

/** `PERSON_TOMBSTONE` as a record has it. */
const STRIPPED = { ...PERSON_TOMBSTONE, groups: [], sentName: null, terms: [], expireAt: NEVER }
