import { storeUnavailable } from '@semblance/core'
import type { Collection } from 'mongodb'
import type { AskOptions, MongoDatabase } from '../database/mongo-database.ts'
import { isDuplicateKey } from '../database/mongo-fault.ts'

/** One document per key. Never deleted: what a key's earlier holders did must stay in the way of their late writes. */
export interface LeaseRecord {
  /** The key. */
  readonly _id: string
  /** Names one turn of one process, and no other turn ever; null while nobody holds the key. */
  readonly holder: string | null
  /** Raised by each new turn and by each heartbeat: while it stands still, the holder gave no sign of life. */
  readonly counter: number
  /** Process that is next in line, so that one that has many tasks waiting lets others in; null for none. */
  readonly wanted: string | null
  readonly committed: string | null
}

/** A record as it was found; whoever writes on the strength of it must find it unchanged. */
export type SeenLease = Pick<LeaseRecord, 'holder' | 'counter'>

const COLLECTION = 'leases'

/**
 * Every write is a compare-and-set on one document: one that arrives late changes nothing, one that is sent twice
 * changes as much as once. Each call has a deadline and throws E_STORE_UNAVAILABLE; it may have been carried out all the
 * same, and a repeat then finds its own turn in the record.
 */
export class LeaseRecords {
  readonly #database: Pick<MongoDatabase, 'db' | 'ask'>
  readonly #records: Collection<LeaseRecord>
  readonly #asking: AskOptions

  constructor(database: Pick<MongoDatabase, 'db' | 'ask'>, timeoutMs: number) {
    this.#database = database
    this.#records = database.db.collection<LeaseRecord>(COLLECTION)
    this.#asking = { unavailable: storeUnavailable, timeoutMs }
  }

  find(key: string): Promise<LeaseRecord | null> {
    return this.#ask(() => this.#records.findOne({ _id: key }))
  }

  /** The key nobody ever held; null if somebody else was first. */
  insert(key: string, holder: string): Promise<LeaseRecord | null> {
    const record: LeaseRecord = { _id: key, holder, counter: 1, wanted: null, committed: null }
    return this.#ask(async () => {
      try {
        await this.#records.insertOne({ ...record })
        return record
      } catch (error) {
        if (isDuplicateKey(error)) return null
        throw error
      }
    })
  }

  /** The free key that nobody waits for; null if it is held, wanted or new. */
  takeFree(key: string, holder: string): Promise<LeaseRecord | null> {
    return this.#take({ _id: key, holder: null, wanted: null }, holder)
  }

  /** Whoever had the key as it was seen loses it; null if the record has changed since. */
  takeSeen(key: string, seen: SeenLease, holder: string): Promise<LeaseRecord | null> {
    return this.#take({ _id: key, holder: seen.holder, counter: seen.counter }, holder)
  }

  /** Passes the key from one turn to the next of the same process; null if the key was lost. */
  passOn(key: string, from: string, to: string): Promise<LeaseRecord | null> {
    return this.#take({ _id: key, holder: from }, to)
  }

  /** Notes the process as the next one in line, if nobody else is. */
  async want(key: string, seen: SeenLease, process: string): Promise<void> {
    const filter = { _id: key, holder: seen.holder, wanted: null }
    await this.#ask(() => this.#records.updateOne(filter, { $set: { wanted: process } }))
  }

  /** A sign of life; false if the key is no longer the holder's. */
  beat(key: string, holder: string): Promise<boolean> {
    return this.#change(key, holder, { $inc: { counter: 1 } })
  }

  commit(key: string, holder: string, intent: string | null): Promise<boolean> {
    return this.#change(key, holder, { $set: { committed: intent } })
  }

  release(key: string, holder: string): Promise<boolean> {
    return this.#change(key, holder, { $set: { holder: null }, $inc: { counter: 1 } })
  }

  #take(filter: Partial<LeaseRecord>, holder: string): Promise<LeaseRecord | null> {
    const update = { $set: { holder, wanted: null }, $inc: { counter: 1 } }
    return this.#ask(() =>
      this.#records.findOneAndUpdate(filter, update, {
        returnDocument: 'after',
        includeResultMetadata: false,
      }),
    )
  }

  async #change(key: string, holder: string, update: object): Promise<boolean> {
    const { matchedCount } = await this.#ask(() => this.#records.updateOne({ _id: key, holder }, update))
    return matchedCount === 1
  }

  #ask<T>(call: () => Promise<T>): Promise<T> {
    return this.#database.ask(call, this.#asking)
  }
}
