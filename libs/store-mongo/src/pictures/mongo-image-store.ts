import { AppError, type ImageId, type ImageStore, picturesUnavailable, type Waiting } from '@semblance/core'
import { Binary, type Collection } from 'mongodb'
import type { AskOptions, MongoDatabase } from '../database/mongo-database.ts'

export interface MongoImageStoreOptions {
  /** Stays open when the store is closed. */
  readonly database: MongoDatabase
  /** `pictures` where it is not said. */
  readonly collection?: string
}

interface PictureRecord {
  readonly _id: ImageId
  readonly bytes: Binary
  /** By the server's clock. */
  readonly writtenAt: Date
}

/** A document holds 16 MiB with everything that belongs to it. */
export const MAX_PICTURE_BYTES = 15_000_000

/** Of a call that carries a whole picture. */
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

  constructor({ database, collection = 'pictures' }: MongoImageStoreOptions) {
    this.#database = database
    this.#pictures = database.db.collection<PictureRecord>(collection)
  }

  /** So that a listing reads no picture. */
  async createIndex(): Promise<void> {
    await this.#database.ask(() => this.#pictures.createIndex({ _id: 1, writtenAt: 1 }), asking())
  }

  async put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void> {
    if (bytes.byteLength > MAX_PICTURE_BYTES) throw pictureTooLarge(bytes.byteLength)
    const update = { $set: { bytes: new Binary(bytes) }, $currentDate: { writtenAt: true } } as const
    await this.#database.ask(
      () => this.#pictures.updateOne({ _id: id }, update, { upsert: true }),
      asking(waiting, PICTURE_TIMEOUT_MS),
    )
  }

  async get(id: ImageId, waiting?: Waiting): Promise<Uint8Array | null> {
    const record = await this.#database.ask(
      () => this.#pictures.findOne({ _id: id }, { projection: { bytes: 1 } }),
      asking(waiting, PICTURE_TIMEOUT_MS),
    )
    return record === null ? null : record.bytes.value()
  }

  async delete(id: ImageId, waiting?: Waiting): Promise<void> {
    await this.#database.ask(() => this.#pictures.deleteOne({ _id: id }), asking(waiting))
  }

  async list(
    query: { readonly after: ImageId | null; readonly limit: number; readonly untouchedMs: number },
    waiting?: Waiting,
  ): Promise<readonly ImageId[]> {
    const { after, limit, untouchedMs } = query
    const now = await this.#database.serverNow(asking(waiting))
    const filter = {
      ...(after !== null && { _id: { $gt: after } }),
      writtenAt: { $lte: new Date(now - untouchedMs) },
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
