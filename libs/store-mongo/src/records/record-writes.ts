import type { Waiting } from '@semblance/core'
import { type Collection, type Filter, type MatchKeysAndValues, ObjectId, type UpdateFilter } from 'mongodb'
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

/** This record as it was read: not if somebody wrote to it since. One that was changed by hand may have no `write`. */
export function asLastWritten<R extends StoredRecord>(
  record: Pick<R, '_id' | 'write'>,
): { readonly _id: R['_id'] } & Filter<R> {
  const { _id, write } = record
  return { _id, write: write ?? null } as unknown as { readonly _id: R['_id'] } & Filter<R>
}

/** The atomic steps on one record that all kinds of them share. */
export class RecordWrites<R extends StoredRecord> {
  readonly #records: Collection<R>
  readonly #ask: Ask

  constructor(records: Collection<R>, ask: Ask) {
    this.#records = records
    this.#ask = ask
  }

  /** Answers false if the id exists. This is an upsert, because an insert could not have the server's time. */
  insert(record: Omit<R, 'touchedAt' | 'write'>, waiting?: Waiting): Promise<boolean> {
    const { _id, ...fields } = record as { _id: string }
    const write = new ObjectId()
    // Every record has a `write`, so one that exists is not found, and its id is then refused as a duplicate.
    const absent = { _id, write: { $exists: false } } as Filter<R>
    const values = { ...fields, write }
    const update = { $setOnInsert: values, $currentDate: { touchedAt: true } } as unknown as UpdateFilter<R>
    return this.#ask(async (isRepeat) => {
      try {
        await this.#records.updateOne(absent, update, { upsert: true, ...LIMITS })
        return true
      } catch (error) {
        if (!isDuplicateKey(error)) throw error
        return isRepeat && (await this.#isLast(_id, write))
      }
    }, waiting)
  }

  /** Answers false if no record answers to the filter, which names one id. */
  change(
    filter: { readonly _id: R['_id'] } & Filter<R>,
    values: MatchKeysAndValues<R>,
    waiting?: Waiting,
  ): Promise<boolean> {
    const write = new ObjectId()
    return this.#ask(async (isRepeat) => {
      const { matchedCount } = await this.#records.updateOne(filter, updateOf(values, write), LIMITS)
      return matchedCount === 1 || (isRepeat && (await this.#isLast(filter._id, write)))
    }, waiting)
  }

  /** Like `change`, and answers the new record. */
  changeAndRead(
    filter: { readonly _id: R['_id'] } & Filter<R>,
    values: MatchKeysAndValues<R>,
    waiting?: Waiting,
  ): Promise<R | null> {
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
