import type { ImageId } from '@semblance/core'
import { newTestId, openTestMongo } from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'
import { MAX_PICTURE_BYTES, openMongoImageStore } from './mongo-image-store.ts'

const mongo = await openTestMongo({ own: true })
if ('skipped' in mongo) process.stdout.write(`mongo-image-store.test.ts is skipped: ${mongo.skipped}\n`)

describe.skipIf('skipped' in mongo)('MongoImageStore', () => {
  if ('skipped' in mongo) return
  afterAll(() => mongo.close())

  let database: MongoDatabase
  beforeEach(async () => {
    database = await openMongoDatabase({ url: mongo.url, databaseName: newTestId() })
  })
  afterEach(() => database.close())

  it('holds a picture of the largest size, and refuses a larger one for good, with the remedy', async () => {
    const store = await openMongoImageStore({ database })
    const id = newTestId<ImageId>()
    const largest = new Uint8Array(MAX_PICTURE_BYTES).fill(7)
    await store.put(id, largest)
    expect(Buffer.compare((await store.get(id))!, largest)).toBe(0)
    const refused = store.put(id, new Uint8Array(MAX_PICTURE_BYTES + 1))
    await expect(refused).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE', retryable: false })
    await expect(refused).rejects.toThrow(/S3/)
    expect(await store.get(id)).toHaveLength(MAX_PICTURE_BYTES)
  })

  it('opens twice over one database, and leaves it open when it is closed', async () => {
    const store = await openMongoImageStore({ database })
    await (await openMongoImageStore({ database })).close()
    await store.check()
  })

  it('keeps to its collection', async () => {
    const [enrolled, waiting] = [
      await openMongoImageStore({ database }),
      await openMongoImageStore({ database, collection: 'picturesInFlight' }),
    ]
    const id = newTestId<ImageId>()
    await waiting.put(id, new Uint8Array(2))
    expect(await enrolled.get(id)).toBeNull()
    await enrolled.delete(id)
    expect(await waiting.get(id)).toHaveLength(2)
  })

  it('notes the time of writing by the server’s clock, also when it is written again', async () => {
    const store = await openMongoImageStore({ database })
    const id = newTestId<ImageId>()
    await store.put(id, new Uint8Array(1))
    await database.db
      .collection<{ _id: string; writtenAt: Date }>('pictures')
      .updateOne({ _id: id }, { $set: { writtenAt: new Date(0) } })
    expect(await store.list({ after: null, limit: 9, untouchedMs: 60_000 })).toEqual([id])
    await store.put(id, new Uint8Array(1))
    expect(await store.list({ after: null, limit: 9, untouchedMs: 60_000 })).toEqual([])
    await store.delete(id)
  })

  it('says E_PICTURES_UNAVAILABLE while the server is away, and works when it is back', async () => {
    const store = await openMongoImageStore({ database })
    const id = newTestId<ImageId>()
    await store.put(id, new Uint8Array(3))
    await mongo.kill()
    const unavailable = { code: 'E_PICTURES_UNAVAILABLE', retryable: true }
    await expect(store.get(id)).rejects.toMatchObject(unavailable)
    await expect(store.put(id, new Uint8Array(2))).rejects.toMatchObject(unavailable)
    await expect(store.check()).rejects.toMatchObject(unavailable)
    await mongo.restart()
    await expect.poll(() => store.get(id).catch(() => null), { timeout: 10_000 }).toHaveLength(3)
  })
})
