import {
  type ClaimOutcome,
  type ClaimRequest,
  type HeldClaim,
  type IdempotencyStore,
  type ObserveDamage,
  type StoredReply,
  storeUnavailable,
  type Waiting,
} from '@semblance/core'
import type { Collection, UpdateFilter } from 'mongodb'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { isDuplicateKey } from '../database/mongo-fault.ts'
import { faultOfReply, NOBODY, type ReplyRecord, replyOfRecord, replyToRecord } from './reply-record.ts'

export interface MongoIdempotencyStoreOptions {
  /** The database stays open. */
  readonly database: MongoDatabase
  readonly onDamage?: ObserveDamage | undefined
}

/** The server gives up what nobody waits for any more. */
const LIMITS = { maxTimeMS: 4000 } as const
/** The time for a call that carries a whole answer. */
const REPLY_TIMEOUT_MS = 10_000

/** Makes the index that is missing. Throws E_STORE_UNAVAILABLE. */
export async function openMongoIdempotencyStore(
  options: MongoIdempotencyStoreOptions,
): Promise<IdempotencyStore> {
  const store = new MongoIdempotencyStore(options)
  await store.createIndex()
  return store
}

/**
 * Every write is a compare-and-set on one document that names its holder, so one that is sent twice changes as much as
 * once. No expiring index: the age of an answer is judged when it is asked for.
 */
class MongoIdempotencyStore implements IdempotencyStore {
  readonly #database: MongoDatabase
  readonly #records: Collection<ReplyRecord>
  readonly #onDamage: ObserveDamage

  constructor({ database, onDamage = () => {} }: MongoIdempotencyStoreOptions) {
    this.#database = database
    this.#onDamage = onDamage
    this.#records = database.db.collection<ReplyRecord>('replies')
  }

  async createIndex(): Promise<void> {
    await this.#ask(() => this.#records.createIndex({ touchedAt: 1 }, { name: 'old' }))
  }

  async claim(request: ClaimRequest, waiting?: Waiting): Promise<ClaimOutcome> {
    const { key, fingerprint, holder } = request
    const found = await this.#find(key, waiting)
    if (found === null) {
      if (await this.#insert(request, waiting)) return { outcome: 'begun', seed: request.seed, ageMs: 0 }
      return this.claim(request, waiting)
    }
    const why = faultOfReply(found)
    if (why !== null) this.#onDamage({ kind: 'reply', id: key, why })
    // What it was for may have been carried out: as with an answer that was too large to keep, nothing runs again.
    if (why !== null) return { outcome: 'done', seed: '', reply: null }
    if (found.fingerprint !== fingerprint) return { outcome: 'mismatch' }
    if (found.isDone) return { outcome: 'done', seed: found.seed, reply: replyOfRecord(found.reply) }
    const nowMs = await this.#serverNow(waiting)
    const isTaken = found.holder !== NOBODY && found.holder !== holder
    if (isTaken && found.touchedAt.getTime() + found.leaseMs > nowMs) return { outcome: 'running' }
    const taken = await this.#take(found, request, waiting)
    if (taken === null) return { outcome: 'running' }
    return { outcome: 'begun', seed: taken.seed, ageMs: nowMs - taken.seededAt.getTime() }
  }

  async isDone(key: string, waiting?: Waiting): Promise<boolean> {
    const found = await this.#find(key, waiting)
    return found !== null && (faultOfReply(found) !== null || found.isDone)
  }

  extend(claim: HeldClaim, leaseMs: number, waiting?: Waiting): Promise<boolean> {
    return this.#change(claim, { $set: { leaseMs }, $currentDate: { touchedAt: true } }, waiting)
  }

  reseed(claim: HeldClaim, seed: string, waiting?: Waiting): Promise<boolean> {
    return this.#change(claim, { $set: { seed }, $currentDate: { seededAt: true } }, waiting)
  }

  complete(claim: HeldClaim, reply: StoredReply | null, waiting?: Waiting): Promise<boolean> {
    const { key, holder } = claim
    const kept = reply === null ? {} : { reply: replyToRecord(reply) }
    const done = { holder: NOBODY, isDone: true, doneBy: holder, ...kept }
    const update = { $set: done, $currentDate: { touchedAt: true } } as const
    return this.#ask(
      async (isRepeat) => {
        const { matchedCount } = await this.#records.updateOne({ _id: key, holder }, update, LIMITS)
        if (matchedCount === 1 || !isRepeat) return matchedCount === 1
        return (await this.#records.findOne({ _id: key, doneBy: holder }, LIMITS)) !== null
      },
      waiting,
      REPLY_TIMEOUT_MS,
    )
  }

  async release(claim: HeldClaim, waiting?: Waiting): Promise<void> {
    await this.#change(claim, { $set: { holder: NOBODY } }, waiting)
  }

  async forget(
    old: { readonly untouchedMs: number; readonly limit: number },
    waiting?: Waiting,
  ): Promise<number> {
    const nowMs = await this.#serverNow(waiting)
    const touchedAt = { $lte: new Date(nowMs - old.untouchedMs) }
    const find = () => {
      const options = { projection: { _id: 1 }, ...LIMITS } as const
      return this.#records.find({ touchedAt }, options).sort({ touchedAt: 1 }).limit(old.limit).toArray()
    }
    const keys = (await this.#ask(find, waiting)).map(({ _id }) => _id)
    if (keys.length === 0) return 0
    // The filter names the time again: one of them may have been claimed anew.
    const remove = () => this.#records.deleteMany({ _id: { $in: keys }, touchedAt }, LIMITS)
    await this.#ask(remove, waiting)
    return keys.length
  }

  #find(key: string, waiting?: Waiting): Promise<ReplyRecord | null> {
    return this.#ask(() => this.#records.findOne({ _id: key }, LIMITS), waiting, REPLY_TIMEOUT_MS)
  }

  /** Answers false if the key exists by now. This is an upsert, because an insert could not have the server's time. */
  #insert({ key, fingerprint, holder, seed, leaseMs }: ClaimRequest, waiting?: Waiting): Promise<boolean> {
    const claimed = { fingerprint, seed, holder, leaseMs, isDone: false }
    const update = { $setOnInsert: claimed, $currentDate: { touchedAt: true, seededAt: true } } as const
    // Every record has a fingerprint, so one that exists is not found, and its key is then refused as a duplicate.
    const absent = { _id: key, fingerprint: { $exists: false } }
    return this.#ask(async () => {
      try {
        await this.#records.updateOne(absent, update as UpdateFilter<ReplyRecord>, {
          upsert: true,
          ...LIMITS,
        })
        return true
      } catch (error) {
        if (isDuplicateKey(error)) return false
        throw error
      }
    }, waiting)
  }

  /** Answers null if somebody else has taken it since it was seen. */
  #take(
    { holder, touchedAt }: ReplyRecord,
    request: ClaimRequest,
    waiting?: Waiting,
  ): Promise<ReplyRecord | null> {
    const { key: _id, holder: next, leaseMs } = request
    const update = { $set: { holder: next, leaseMs }, $currentDate: { touchedAt: true } } as const
    return this.#ask(async (isRepeat) => {
      const seen = { _id, holder, touchedAt, isDone: false }
      const options = { returnDocument: 'after', ...LIMITS } as const
      const taken = await this.#records.findOneAndUpdate(seen, update, options)
      if (taken !== null || !isRepeat) return taken
      return this.#records.findOne({ _id, holder: next }, LIMITS)
    }, waiting)
  }

  async #change(
    { key, holder }: HeldClaim,
    update: UpdateFilter<ReplyRecord>,
    waiting?: Waiting,
  ): Promise<boolean> {
    const change = () => this.#records.updateOne({ _id: key, holder }, update, LIMITS)
    return (await this.#ask(change, waiting)).matchedCount === 1
  }

  #serverNow(waiting?: Waiting): Promise<number> {
    return this.#database.serverNow({ unavailable: storeUnavailable, waiting })
  }

  #ask<T>(run: (isRepeat: boolean) => Promise<T>, waiting?: Waiting, timeoutMs?: number): Promise<T> {
    const limit = timeoutMs === undefined ? {} : { timeoutMs }
    return this.#database.ask(run, { unavailable: storeUnavailable, waiting, ...limit })
  }
}
