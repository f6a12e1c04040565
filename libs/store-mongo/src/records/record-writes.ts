import type { Waiting } from '@semblance/core'
import { type Collection, type Filter, type MatchKeysAndValues, ObjectId, type UpdateFilter } from 'mongodb'
import { anyOf } from '../database/any-of.ts'
import { GatheredCalls, WRITES_AT_ONCE } from '../database/gathered-calls.ts'
import { isDuplicateKey } from '../database/mongo-fault.ts'

/** A record holds, beside what the port knows of it, when and by which write it was changed last. */
export interface StoredRecord {
  readonly _id: string
  /** The time of the last write by the server's clock. */
  readonly touchedAt: Date
  /** An id made anew for each write: after a lost answer it tells whether the write was carried out. */
  readonly write: ObjectId
}

/** Asks as `MongoDatabase.ask` does, with the faults of the record store. */
export type Ask = <T>(run: (isRepeat: boolean) => Promise<T>, waiting?: Waiting) => Promise<T>

/** The server gives up what nobody waits for any more; shorter than the deadline of `ask`. */
export const LIMITS = { maxTimeMS: 4000 } as const

/**
 * Options of a read that answers so many records at most, all of them at once. A batch that is just full does not tell the
 * driver that there is nothing more, and costs a second call.
 */
export function oneBatchOf(count: number) {
  return { ...LIMITS, batchSize: count + 1 } as const
}

/** Names one record, and may ask more of it. */
type FilterOfOne<R extends StoredRecord> = { readonly _id: R['_id'] } & Filter<R>

/** This record as it was read: not if somebody wrote to it since. One that was changed by hand may have no `write`. */
export function asLastWritten<R extends StoredRecord>(record: Pick<R, '_id' | 'write'>): FilterOfOne<R> {
  const { _id, write } = record
  return { _id, write: write ?? null } as unknown as FilterOfOne<R>
}

/** A write to one record. */
interface OneWrite<R extends StoredRecord> {
  readonly filter: FilterOfOne<R>
  readonly update: UpdateFilter<R>
  readonly write: ObjectId
}

/** The atomic steps on one record that all kinds of them share. */
export class RecordWrites<R extends StoredRecord> {
  readonly #records: Collection<R>
  readonly #ask: Ask
  readonly #inserts = new GatheredCalls<OneWrite<R>, boolean>({
    run: (inserts) => this.#insertAll(inserts),
    most: WRITES_AT_ONCE,
  })
  readonly #changes = new GatheredCalls<OneWrite<R>, boolean>({
    run: (changes) => this.#changeAll(changes),
    most: WRITES_AT_ONCE,
  })

  constructor(records: Collection<R>, ask: Ask) {
    this.#records = records
    this.#ask = ask
  }

  /** Answers false if the id exists. Those of one turn of the event loop share a call. */
  insert(record: Omit<R, 'touchedAt' | 'write'>, waiting?: Waiting): Promise<boolean> {
    const { _id, ...fields } = record as { _id: string }
    const write = new ObjectId()
    // Every record has a `write`, so one that exists is not found, and its id is then refused as a duplicate.
    const filter = { _id, write: { $exists: false } } as FilterOfOne<R>
    const values = { ...fields, write }
    const update = { $setOnInsert: values, $currentDate: { touchedAt: true } } as unknown as UpdateFilter<R>
    return this.#inserts.ask({ filter, update, write }, waiting)
  }

  #insertAll(inserts: readonly OneWrite<R>[]): Promise<readonly boolean[]> {
    const oneByOne = (isRepeat: boolean) =>
      Promise.all(inserts.map((insert) => this.#insert(insert, isRepeat)))
    if (inserts.length === 1) return this.#ask(oneByOne)
    const operations = inserts.map(({ filter, update }) => ({ updateOne: { filter, update, upsert: true } }))
    return this.#ask(async () => {
      try {
        await this.#records.bulkWrite(operations, { ordered: false, ...LIMITS })
        return inserts.map(() => true)
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        // Some servers that speak MongoDB's wire leave it at the first that they refuse, and do not tell which came before.
        return oneByOne(true)
      }
    })
  }

  /** This is an upsert, because an insert could not have the server's time. */
  async #insert({ filter, update, write }: OneWrite<R>, isRepeat: boolean): Promise<boolean> {
    try {
      await this.#records.updateOne(filter, update, { upsert: true, ...LIMITS })
      return true
    } catch (error) {
      if (!isDuplicateKey(error)) throw error
      return isRepeat && (await this.#isLast(filter._id, write))
    }
  }

  /** Answers false if no record answers to the filter, which names one id. */
  change(filter: FilterOfOne<R>, values: MatchKeysAndValues<R>, waiting?: Waiting): Promise<boolean> {
    const write = new ObjectId()
    return this.#ask(async (isRepeat) => {
      const { matchedCount } = await this.#records.updateOne(filter, updateOf(values, write), LIMITS)
      return matchedCount === 1 || (isRepeat && (await this.#isLast(filter._id, write)))
    }, waiting)
  }

  /**
   * Like `change`; those of one turn of the event loop share a call. Where somebody changed the record once more right after, it
   * may answer false for a change that was carried out.
   */
  changeTogether(filter: FilterOfOne<R>, values: MatchKeysAndValues<R>, waiting?: Waiting): Promise<boolean> {
    const write = new ObjectId()
    return this.#changes.ask({ filter, update: updateOf(values, write), write }, waiting)
  }

  async #changeAll(changes: readonly OneWrite<R>[]): Promise<readonly boolean[]> {
    const operations = changes.map(({ filter, update }) => ({ updateOne: { filter, update } }))
    return this.#ask(async () => {
      const { matchedCount } = await this.#records.bulkWrite(operations, { ordered: false, ...LIMITS })
      if (matchedCount === changes.length) return changes.map(() => true)
      // The server says how many, and not which; nor what an attempt did whose answer was lost.
      const ids = changes.map(({ filter }) => filter._id)
      const options = { ...oneBatchOf(ids.length), projection: { write: 1 } } as const
      const found = await this.#records.find({ _id: anyOf(ids) } as Filter<R>, options).toArray()
      const last = new Set(found.map((record) => String(record.write)))
      return changes.map(({ write }) => last.has(String(write)))
    })
  }

  /** Like `change`, and answers the new record. */
  changeAndRead(filter: FilterOfOne<R>, values: MatchKeysAndValues<R>, waiting?: Waiting): Promise<R | null> {
    const write = new ObjectId()
    const options = { returnDocument: 'after', ...LIMITS } as const
    return this.#ask(async (isRepeat) => {
      const changed = await this.#records.findOneAndUpdate(filter, updateOf(values, write), options)
      if (changed !== null) return changed as R
      return isRepeat ? this.#findLast(filter._id, write) : null
    }, waiting)
  }

  async #isLast(id: string, write: ObjectId): Promise<boolean> {
    return (await this.#findLast(id, write)) !== null
  }

  async #findLast(id: string, write: ObjectId): Promise<R | null> {
    return (await this.#records.findOne({ _id: id, write } as Filter<R>, LIMITS)) as R | null
  }
}

function updateOf<R extends StoredRecord>(values: MatchKeysAndValues<R>, write: ObjectId): UpdateFilter<R> {
  return { $set: { ...values, write }, $currentDate: { touchedAt: true } } as unknown as UpdateFilter<R>
}
