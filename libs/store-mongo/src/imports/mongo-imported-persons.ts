import {
  type Binding,
  type BoundPerson,
  type ErasedRows,
  erasedRow,
  type GoingPerson,
  type ImportedPersons,
  type ImportId,
  type ImportOfPerson,
  type PersonId,
  personKeyOf,
  stagedOf,
  type Waiting,
} from '@semblance/core'
import { type Collection, type Db, type Filter, ObjectId } from 'mongodb'
import { GatheredCalls, WRITES_AT_ONCE } from '../database/gathered-calls.ts'
import { isDuplicateKey } from '../database/mongo-fault.ts'
import { insertUnlessThere } from '../records/insert-unless-there.ts'
import { RecordReads } from '../records/record-reads.ts'
import { type Ask, LIMITS, oneBatchOf } from '../records/record-writes.ts'
import { fieldsOfRow, type ImportRowRecord, NOT_ENDED, rowOfRecord, UNCLAIMED } from './import-row-record.ts'
import type { ImportRecord } from './mongo-import-records.ts'
import { replaceRows } from './replace-rows.ts'

/** Whom an import means by a person key, as MongoDB holds it. */
export interface BoundRecord extends BoundPerson {
  /** The import's id and the person key. */
  readonly _id: string
  readonly importId: ImportId
  /** An import that is gone was to make the person as well. Absent: none was. */
  readonly isShared?: true
}

interface NamedPerson extends Omit<BoundPerson, 'isMade' | 'upTo'> {
  readonly added: Filter<ImportRowRecord>
  readonly insteadOf: readonly PersonId[]
}

type MadeQuery = Parameters<ImportedPersons['listMade']>[0]

interface ImportedPersonsDeps {
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

/** Imports of one person that are told. */
const MOST_IMPORTS = 100
/** A person may have several keys in one import; more than these are of no interest. */
const MOST_KEYS = 1_000

/** Rows of one person that are erased together. */
const PART = 200
/** Persons looked at together, at most, for whether another import was to make them as well. */
const MOST_LOOKED_AT = 1_000

/** Whom imports mean by their person keys. */
export class MongoImportedPersons implements ImportedPersons {
  readonly #bound: Collection<BoundRecord>
  readonly #rows: Collection<ImportRowRecord>
  readonly #imports: Collection<ImportRecord>
  readonly #deps: ImportedPersonsDeps
  readonly #reads: RecordReads<BoundRecord>
  readonly #binds: GatheredCalls<BoundRecord, boolean>

  constructor(db: Db, deps: ImportedPersonsDeps) {
    this.#bound = db.collection<BoundRecord>('importPersons')
    this.#rows = db.collection<ImportRowRecord>('importRows')
    this.#imports = db.collection<ImportRecord>('imports')
    this.#deps = deps
    this.#reads = new RecordReads(this.#bound, deps.ask)
    this.#binds = new GatheredCalls({ run: (records) => this.#bindAll(records), most: WRITES_AT_ONCE })
  }

  async bind(
    { id, personKey, personId, isMade }: Omit<BoundPerson, 'upTo'> & { readonly id: ImportId },
    waiting?: Waiting,
  ): Promise<BoundPerson> {
    const record = { _id: idOf(id, personKey), importId: id, personKey, personId, isMade }
    const own = { personKey, personId, isMade }
    if (await this.#binds.ask(record, waiting)) return own
    return (await this.find(id, personKey, waiting)) ?? own
  }

  /** Whether all of them were bound by this; if not, each is to be looked up. */
  async #bindAll(records: readonly BoundRecord[]): Promise<readonly boolean[]> {
    const areNew = await this.#deps.ask(() => insertUnlessThere(this.#bound, records))
    return records.map(() => areNew)
  }

  async find(id: ImportId, personKey: string, waiting?: Waiting): Promise<BoundPerson | null> {
    const found = await this.#reads.find(idOf(id, personKey), waiting)
    return found === null ? null : boundOf(found)
  }

  async findMany(
    id: ImportId,
    personKeys: readonly string[],
    waiting?: Waiting,
  ): Promise<readonly BoundPerson[]> {
    const ids = personKeys.map((key) => idOf(id, key))
    return (await this.#reads.findMany(ids, waiting)).map(boundOf)
  }

  /** A row that is being added just now may have a smaller position than those that are there: it came with the deletion. */
  async seal(
    { personId, personKey, beforeMs, insteadOf = [] }: GoingPerson,
    waiting?: Waiting,
  ): Promise<readonly PersonId[]> {
    const added = beforeMs === undefined ? {} : { addedAt: { $lt: new Date(beforeMs) } }
    const others =
      personKey === null ? [] : await this.#bindNamed({ personId, personKey, added, insteadOf }, waiting)
    const find = () => this.#bound.find({ personId }, LIMITS).toArray()
    for (const { _id, importId, personKey } of await this.#deps.ask(find, waiting)) {
      const options = { ...LIMITS, sort: { position: -1 }, projection: { position: 1 } } as const
      const last = () => this.#rows.findOne({ importId, personKey, ...added }, options)
      const upTo = (await this.#deps.ask(last, waiting))?.position ?? 0
      await this.#deps.ask(
        () => this.#bound.updateOne({ _id, personId }, { $max: { upTo } }, LIMITS),
        waiting,
      )
    }
    return others
  }

  now(waiting?: Waiting): Promise<number> {
    return this.#deps.serverNow(waiting)
  }

  /** Answers whom imports were to make by that key. */
  async #bindNamed(
    { personKey, personId, added, insteadOf }: NamedPerson,
    waiting?: Waiting,
  ): Promise<readonly PersonId[]> {
    const ids = await this.#importIds(waiting)
    if (ids.length === 0) return []
    const rows = { importId: { $in: [...ids] }, personKey, ...added }
    const named = [{ $match: rows }, { $group: { _id: '$importId' } }]
    const ask = () => this.#rows.aggregate<{ readonly _id: ImportId }>(named, LIMITS).toArray()
    const records = (await this.#deps.ask(ask, waiting)).map(({ _id: importId }) => {
      return { _id: idOf(importId, personKey), importId, personKey, personId, isMade: false }
    })
    if (records.length === 0) return []
    await this.#deps.ask(async () => {
      try {
        await this.#bound.insertMany(records, { ordered: false })
      } catch (error) {
        // Those that have bound it already.
        if (!isDuplicateKey(error)) throw error
      }
    }, waiting)
    const toBeMade = { _id: { $in: records.map(({ _id }) => _id) }, isMade: true }
    if (insteadOf.length > 0) {
      const instead = { $set: { personId, isMade: false }, $unset: { isShared: '', upTo: '' } } as const
      const theirs = { ...toBeMade, personId: { $in: [...insteadOf] } }
      await this.#deps.ask(() => this.#bound.updateMany(theirs, instead, LIMITS), waiting)
    }
    const others = { ...toBeMade, personId: { $ne: personId } }
    const list = () => this.#bound.find(others, { ...LIMITS, projection: { _id: 0, personId: 1 } }).toArray()
    return [...new Set((await this.#deps.ask(list, waiting)).map((one) => one.personId))]
  }

  /** The rows come first: what ends in between is found again by the binding, which goes last. */
  async erase(personId: PersonId, waiting?: Waiting): Promise<ErasedRows> {
    const find = () => this.#bound.find({ personId }, LIMITS).toArray()
    const bound = await this.#deps.ask(find, waiting)
    const erased = [await this.#eraseNamed(personId, waiting)]
    for (const { _id, importId, personKey, upTo } of bound) {
      const position = upTo === undefined ? {} : { position: { $lte: upTo } }
      erased.push(await this.#eraseRows({ importId, personKey, ...position }, waiting))
      // Somebody else may have done all this, and the key may stand for somebody else by now.
      await this.#deps.ask(() => this.#bound.deleteOne({ _id, personId }, LIMITS), waiting)
    }
    return sumOf(erased)
  }

  async unbind({ id, personKey, personId, isGone }: Binding, waiting?: Waiting): Promise<void> {
    const options = { ...LIMITS, projection: { _id: 1 } } as const
    const find = () => this.#rows.findOne({ importId: id, personKey }, options)
    if (isGone !== true && (await this.#deps.ask(find, waiting)) !== null) return
    const bound = { _id: idOf(id, personKey), personId }
    await this.#deps.ask(() => this.#bound.deleteOne(bound, LIMITS), waiting)
  }

  /** Rows that name the id are bound only once one of them was begun. */
  async #eraseNamed(personId: PersonId, waiting?: Waiting): Promise<ErasedRows> {
    const ids = await this.#importIds(waiting)
    const personKey = personKeyOf({ by: 'id', id: personId })
    return ids.length === 0 ? NOTHING : this.#eraseRows({ importId: { $in: [...ids] }, personKey }, waiting)
  }

  /** Each import has an index of its rows by person key. */
  async #importIds(waiting?: Waiting): Promise<readonly ImportId[]> {
    const list = () => this.#imports.find({}, { ...LIMITS, projection: { _id: 1 } }).toArray()
    return (await this.#deps.ask(list, waiting)).map(({ _id }) => _id)
  }

  /** A row that somebody else wrote meanwhile is met again in the next part. */
  async #eraseRows(filter: Filter<ImportRowRecord>, waiting?: Waiting): Promise<ErasedRows> {
    const parts: ErasedRows[] = []
    for (;;) {
      const find = () => this.#rows.find(filter, LIMITS).limit(PART).toArray()
      const records = await this.#deps.ask(find, waiting)
      if (records.length === 0) return sumOf(parts)
      const nowMs = await this.#deps.serverNow(waiting)
      const write = new ObjectId()
      const replacements = records.map((record) => {
        const { _id, importId, addedAt, write: seen } = record
        const fields = fieldsOfRow(erasedRow(rowOfRecord(record), nowMs))
        return {
          filter: { _id, write: seen },
          replacement: { importId, addedAt, ...fields, ...UNCLAIMED, write },
        }
      })
      const erased = await replaceRows({ rows: this.#rows, ask: this.#deps.ask }, replacements, waiting)
      const mine = records.filter(({ _id }) => erased.has(_id))
      parts.push({
        staged: mine.flatMap((record) => stagedOf(rowOfRecord(record))),
        ended: mine.filter(({ outcomeKind }) => outcomeKind === NOT_ENDED).length,
      })
    }
  }

  async importsOf(personId: PersonId, waiting?: Waiting): Promise<readonly ImportOfPerson[]> {
    const options = { ...oneBatchOf(MOST_KEYS), projection: { _id: 0, importId: 1, isMade: 1 } } as const
    const find = () => this.#bound.find({ personId }, options).limit(MOST_KEYS).toArray()
    const made = new Map<ImportId, boolean>()
    for (const { importId, isMade } of await this.#deps.ask(find, waiting))
      made.set(importId, isMade || made.get(importId) === true)
    return [...made]
      .map(([id, isMade]) => ({ id, isMade }))
      .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, MOST_IMPORTS)
  }

  async listMade({ after, ...query }: MadeQuery, waiting?: Waiting): Promise<readonly PersonId[]> {
    const made: PersonId[] = []
    // There may be a hundred thousand in a row who belong to nobody alone: they are looked at in ever larger parts.
    for (let [from, limit] = [after, query.limit]; ; limit = Math.min(2 * limit, MOST_LOOKED_AT)) {
      const page = await this.#toBeMade({ id: query.id, after: from, limit }, waiting)
      made.push(...(await this.#ofNobodyElse(query.id, page, waiting)))
      from = page.at(-1) ?? null
      if (page.length < limit || made.length >= query.limit) return made.slice(0, query.limit)
    }
  }

  /** Another import that is forgotten marks them before it goes: so they are looked for after it. */
  async #ofNobodyElse(
    id: ImportId,
    page: readonly PersonId[],
    waiting?: Waiting,
  ): Promise<readonly PersonId[]> {
    const others = await this.#among(page, { isMade: true, importId: { $ne: id } }, waiting)
    const rest = page.filter((personId) => !others.has(personId))
    const shared = await this.#among(rest, { importId: id, isShared: true }, waiting)
    return rest.filter((personId) => !shared.has(personId))
  }

  async #toBeMade({ id, after, limit }: MadeQuery, waiting?: Waiting): Promise<readonly PersonId[]> {
    const filter = { importId: id, isMade: true, personId: { $gt: (after ?? '') as PersonId } }
    const options = { ...oneBatchOf(limit), projection: { _id: 0, personId: 1 } } as const
    const find = () => this.#bound.find(filter, options).sort({ personId: 1 }).limit(limit).toArray()
    return (await this.#deps.ask(find, waiting)).map(({ personId }) => personId)
  }

  async #among(
    personIds: readonly PersonId[],
    whichever: Filter<BoundRecord>,
    waiting?: Waiting,
  ): Promise<ReadonlySet<PersonId>> {
    if (personIds.length === 0) return new Set()
    const options = { ...LIMITS, projection: { _id: 0, personId: 1 } } as const
    const find = () =>
      this.#bound.find({ ...whichever, personId: { $in: [...personIds] } }, options).toArray()
    return new Set((await this.#deps.ask(find, waiting)).map(({ personId }) => personId))
  }
}

const NOTHING: ErasedRows = { staged: [], ended: 0 }

function sumOf(parts: readonly ErasedRows[]): ErasedRows {
  return {
    staged: parts.flatMap(({ staged }) => staged),
    ended: parts.reduce((sum, { ended }) => sum + ended, 0),
  }
}

function boundOf({ personKey, personId, isMade, upTo }: BoundRecord): BoundPerson {
  return { personKey, personId, isMade, ...(upTo === undefined ? {} : { upTo }) }
}

function idOf(importId: ImportId, personKey: string): string {
  return `${importId} ${personKey}`
}
