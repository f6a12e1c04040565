import type { PackId } from '@semblance/core'
import { anImage, aPerson, newTestId, openTestMongo } from '@semblance/testkit'
import { type Binary, MongoNetworkError } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'
import { openMongoRecordStore } from './mongo-record-store.ts'

interface StoredImage {
  readonly _id: string
  readonly descriptor: Binary
}

const mongo = await openTestMongo()
if ('skipped' in mongo) process.stdout.write(`mongo-record-store.test.ts is skipped: ${mongo.skipped}\n`)

describe.skipIf('skipped' in mongo)('MongoRecordStore', async () => {
  if ('skipped' in mongo) return
  const database = await openMongoDatabase({ url: mongo.url, databaseName: `store${process.pid}` })
  const store = await openMongoRecordStore({ database })
  afterAll(async () => {
    await database.db.dropDatabase()
    await database.close()
    await mongo.close()
  })

  it('makes its indexes once, however many open it, at once and again', async () => {
    const names = async () =>
      (await database.db.collection('persons').listIndexes().toArray()).map(({ name }) => name)
    const before = await names()
    await Promise.all([1, 2, 3].map(() => openMongoRecordStore({ database })))
    expect(await names()).toEqual(before)
    expect(before.length).toBeGreaterThan(5)
  })

  it('opens a database of its own and closes it, but leaves one that was given open', async () => {
    const own = await openMongoRecordStore({ url: mongo.url, databaseName: `store${process.pid}` })
    const person = aPerson()
    await own.persons.insert(person)
    await own.close()
    const guest = await openMongoRecordStore({ database })
    expect(await guest.persons.find(person.id)).toEqual(person)
    await guest.close()
    await expect(guest.persons.find(person.id)).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
    expect(await store.persons.find(person.id)).toEqual(person)
  })

  it('keeps descriptors as little-endian float32', async () => {
    const image = anImage()
    await store.images.insert(image)
    const record = await database.db.collection<StoredImage>('images').findOne({ _id: image.id })
    const bytes = Buffer.from(record?.descriptor.value() ?? [])
    expect(bytes).toHaveLength(4 * image.descriptor.values.length)
    expect(bytes.readFloatLE(4)).toBe(image.descriptor.values[1])
  })

  it('judges ages by the server’s clock, whatever time the writer tells', async () => {
    const person = aPerson({ state: 'pending', createdAt: 1, updatedAt: 1 })
    await store.persons.insert(person)
    const query = { kind: 'pending-person', untouchedMs: 60_000, skip: 0, limit: 1000 } as const
    expect(await store.overdue.list(query)).not.toContain(person.id)
    expect(await store.overdue.list({ ...query, untouchedMs: 0 })).toContain(person.id)
    expect(await store.overdue.list({ ...query, untouchedMs: 0, limit: 0 })).toEqual([])
  })

  it('keeps the list of index generations of each pack by compare-and-set', async () => {
    const [first, other] = ['first@1', 'other@1'] as [PackId, PackId]
    await store.settings.claimPack(first)
    const packId = (await store.settings.readPack())!
    const generations = store.generationsOf(packId)
    expect(await generations.readGenerations()).toEqual({ rev: 0, serving: null, others: [] })
    expect(await generations.changeGenerations({ rev: 2, serving: 'b', others: [] })).toBe(false)
    const rivals = [1, 2, 3, 4].map((i) =>
      generations.changeGenerations({ rev: 1, serving: null, others: [`a${i}`] }),
    )
    expect((await Promise.all(rivals)).filter(Boolean)).toHaveLength(1)
    const next = { rev: 2, serving: 'a', others: [] }
    expect(await generations.changeGenerations(next)).toBe(true)
    expect(await generations.changeGenerations({ ...next, serving: 'c' })).toBe(false)
    expect(await generations.readGenerations()).toEqual(next)
    // The list that earlier releases know is that of the pack that the gallery was made with, for good.
    const lists = database.db.collection<{ _id: string }>('settings')
    expect(await lists.findOne({ _id: 'indexGenerations' })).toMatchObject(next)
    const ofOther = store.generationsOf(other)
    expect(await ofOther.readGenerations()).toEqual({ rev: 0, serving: null, others: [] })
    expect(await ofOther.changeGenerations({ rev: 1, serving: 'x', others: [] })).toBe(true)
    const { rev } = (await store.settings.readPacks())!
    await store.settings.changePacks({ serving: other, other: packId, rev: rev + 1 })
    const again = await openMongoRecordStore({ database })
    expect(await again.generationsOf(packId).readGenerations()).toEqual(next)
    expect(await again.generationsOf(other).readGenerations()).toMatchObject({ serving: 'x' })
  })

  describe('when the answer to a write is lost', () => {
    const losing = () => openMongoRecordStore({ database: losingAnswers(database) })

    it('knows that its insert was carried out, and another’s was not its own', async () => {
      const [flaky, person] = [await losing(), aPerson()]
      expect(await flaky.persons.insert(person)).toBe(true)
      expect(await flaky.persons.insert(person)).toBe(false)
    })

    it('answers the record that its change made, and raises rev once', async () => {
      const [flaky, person] = [await losing(), aPerson()]
      await store.persons.insert(person)
      const changed = await flaky.persons.update(person, { name: 'Grace' })
      expect(changed).toEqual({ ...person, name: 'Grace', rev: 2 })
      expect(await flaky.persons.update(person, { name: 'Late' })).toBeNull()
    })

    it('knows whose move of an image it was', async () => {
      const [flaky, image] = [await losing(), anImage()]
      await store.images.insert(image)
      const move = { from: ['ready'], to: 'deleting' } as const
      expect(await flaky.images.move(image.id, move)).toBe(true)
      expect(await flaky.images.move(image.id, move)).toBe(false)
    })

    it('knows that it set the Default group', async () => {
      const flaky = await losing()
      const expected = await store.settings.readDefaultGroup()
      expect(await flaky.settings.setDefaultGroup({ expected, next: newTestId() })).toBe(true)
      expect(await flaky.settings.setDefaultGroup({ expected, next: newTestId() })).toBe(false)
    })
  })

  it('gives up in the end, and tells nothing of the person', async () => {
    const flaky = losingAnswers(database, { times: 0 })
    const opened = await openMongoRecordStore({ database: flaky })
    flaky.lose(9)
    const person = aPerson({ name: 'Lovelace' })
    const error = await opened.persons.insert(person).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true })
    const { message, cause } = error as Error
    expect(JSON.stringify([error, message, cause, String(cause)])).not.toContain('Lovelace')
  })
})

interface LosingDatabase extends MongoDatabase {
  lose(times: number): void
}

/** Carries each call out and then loses the answer, so many times per call. */
function losingAnswers(database: MongoDatabase, { times = 1 } = {}): LosingDatabase {
  let losses = times
  return {
    db: database.db,
    ask: (run, options) => {
      let left = losses
      return database.ask(async (isRepeat) => {
        const answer = await run(isRepeat)
        left -= 1
        if (left >= 0) throw new MongoNetworkError('the connection broke')
        return answer
      }, options)
    },
    serverNow: (options) => database.serverNow(options),
    check: (options) => database.check(options),
    close: () => database.close(),
    lose: (next) => {
      losses = next
    },
  }
}
