import {
  AppError,
  type ImageId,
  type ImageStore,
  type PictureListQuery,
  picturesUnavailable,
  type Waiting,
} from '@semblance/core'
import { Binary, type Collection } from 'mongodb'
import { anyOf } from '../database/any-of.ts'
import { GatheredCalls, WRITES_AT_ONCE } from '../database/gathered-calls.ts'
import type { AskOptions, MongoDatabase } from '../database/mongo-database.ts'

export interface MongoImageStoreOptions {
  /** The database stays open when the store is closed. */
  readonly database: MongoDatabase
  /** `pictures` where it is not said. */
  readonly collection?: string
}

interface PictureRecord {
  readonly _id: ImageId
  readonly bytes: Binary
  /** The time of writing by the server's clock; absent while it is set aside. */
  readonly writtenAt?: Date
  /** The time since which it is set aside, by the server's clock; absent otherwise. */
  readonly asideSince?: Date
}

interface Picture {
  readonly id: ImageId
  readonly bytes: Uint8Array
}

/** A document holds 16 MiB with everything that belongs to it. */
export const MAX_PICTURE_BYTES = 15_000_000

/** Pictures up to this size share a call with others: of ten, a slow network needs no longer than of one large picture. */
const SMALL_PICTURE_BYTES = 300_000

const IN_SIGHT = { writtenAt: { $exists: true } } as const

/** The time for a call that carries a whole picture. */
const PICTURE_TIMEOUT_MS = 10_000

/** Creates what it needs if it is not there. Throws E_PICTURES_UNAVAILABLE. */
export async function openMongoImageStore(options: MongoImageStoreOptions): Promise<ImageStore> {
  const store = new MongoImageStore(options)
  await store.createIndex()
  return store
}

/** One document a picture, for installations without S3; not GridFS, whose chunks outlive a crash unseen. */
class MongoImageStore implements ImageStore {
  readonly #database: MongoDatabase
  readonly #pictures: Collection<PictureRecord>
  readonly #puts = new GatheredCalls<Picture, null>({
    run: (pictures) => this.#putAll(pictures),
    most: WRITES_AT_ONCE,
  })
  readonly #deletes = new GatheredCalls<ImageId, null>({
    run: (ids) => this.#deleteAll(ids),
    most: WRITES_AT_ONCE,
  })

  constructor({ database, collection = 'pictures' }: MongoImageStoreOptions) {
    this.#database = database
    this.#pictures = database.db.collection<PictureRecord>(collection)
  }

  /** The indexes let a listing read no picture. */
  async createIndex(): Promise<void> {
    await this.#database.ask(() => this.#pictures.createIndex({ _id: 1, writtenAt: 1 }), asking())
    await this.#database.ask(() => this.#pictures.createIndex({ asideSince: 1, _id: 1 }), asking())
  }

  async put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void> {
    if (bytes.byteLength > MAX_PICTURE_BYTES) throw pictureTooLarge(bytes.byteLength)
    if (bytes.byteLength > SMALL_PICTURE_BYTES) await this.#putAll([{ id, bytes }], waiting)
    else await this.#puts.ask({ id, bytes }, waiting)
  }

  async #putAll(pictures: readonly Picture[], waiting?: Waiting): Promise<readonly null[]> {
    const operations = pictures.map(({ id, bytes }) => {
      const update = {
        $set: { bytes: new Binary(bytes) },
        $currentDate: { writtenAt: true },
        $unset: { asideSince: '' },
      } as const
      return { updateOne: { filter: { _id: id }, update, upsert: true } }
    })
    const put = () => this.#pictures.bulkWrite(operations, { ordered: false })
    await this.#database.ask(put, asking(waiting, PICTURE_TIMEOUT_MS))
    return pictures.map(() => null)
  }

  async get(id: ImageId, waiting?: Waiting): Promise<Uint8Array | null> {
    const record = await this.#database.ask(
      () => this.#pictures.findOne({ _id: id, ...IN_SIGHT }, { projection: { bytes: 1 } }),
      asking(waiting, PICTURE_TIMEOUT_MS),
    )
    return record === null ? null : record.bytes.value()
  }

  async delete(id: ImageId, waiting?: Waiting): Promise<void> {
    await this.#deletes.ask(id, waiting)
  }

  async #deleteAll(ids: readonly ImageId[]): Promise<readonly null[]> {
    await this.#database.ask(() => this.#pictures.deleteMany({ _id: anyOf(ids) }), asking())
    return ids.map(() => null)
  }

  list(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    return this.#listBy('writtenAt', query, waiting)
  }

  /** One step on one document: whoever looks sees the picture in one of the two places. */
  async setAside(id: ImageId, waiting?: Waiting): Promise<void> {
    const update = { $currentDate: { asideSince: true }, $unset: { writtenAt: '' } } as const
    await this.#database.ask(
      () => this.#pictures.updateOne({ _id: id, ...IN_SIGHT }, update),
      asking(waiting),
    )
  }

  async restore(id: ImageId, waiting?: Waiting): Promise<void> {
    const update = { $currentDate: { writtenAt: true }, $unset: { asideSince: '' } } as const
    await this.#database.ask(
      () => this.#pictures.updateOne({ _id: id, asideSince: { $exists: true } }, update),
      asking(waiting),
    )
  }

  listSetAside(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    return this.#listBy('asideSince', query, waiting)
  }

  async #listBy(
    time: 'writtenAt' | 'asideSince',
    { after, limit, untouchedMs }: PictureListQuery,
    waiting?: Waiting,
  ): Promise<readonly ImageId[]> {
    const now = await this.#database.serverNow(asking(waiting))
    const filter = {
      ...(after !== null && { _id: { $gt: after } }),
      [time]: { $lte: new Date(now - untouchedMs) },
    }
    const page = () => {
      return this.#pictures
        .find(filter, { projection: { _id: 1 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray()
    }
    return (await this.#database.ask(page, asking(waiting))).map(({ _id }) => _id)
  }

  check(waiting?: Waiting): Promise<void> {
    return this.#database.check(asking(waiting))
  }

  async close(): Promise<void> {}
}

function asking(waiting?: Waiting, timeoutMs?: number): AskOptions {
  return { unavailable: picturesUnavailable, waiting, ...(timeoutMs !== undefined && { timeoutMs }) }
}

function pictureTooLarge(bytes: number): AppError {
  const message = `a picture of ${bytes} bytes does not fit into MongoDB, which takes ${MAX_PICTURE_BYTES}; set a lower limit, or keep pictures in S3`
  return new AppError('E_PICTURES_UNAVAILABLE', message, { retryable: false })
}
