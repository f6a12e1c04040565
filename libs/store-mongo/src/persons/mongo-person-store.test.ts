import { anImage, aPerson, newTestId, openTestMongo } from '@semblance/testkit'
import { type Binary, MongoNetworkError } from 'mongodb'
import { afterAll, describe, expect, it } from 'vitest'
import { type MongoDatabase, openMongoDatabase } from '../database/mongo-database.ts'
import { openMongoPersonStore } from './mongo-person-store.ts'

interface StoredImage {
  readonly _id: string
  readonly descriptor: Binary
}

const mongo = await openTestMongo()
if ('skipped' in mongo) process.stdout.write(`mongo-person-store.test.ts is skipped: ${mongo.skipped}\n`)

describe.skipIf('skipped' in mongo)('MongoPersonStore', async () => {
  if ('skipped' in mongo) return
  const database = await openMongoDatabase({ url: mongo.url, databaseName: `store${process.pid}` })
  const store = await openMongoPersonStore({ database })
  afterAll(async () => {
    await database.db.dropDatabase()
    await database.close()
    await mongo.close()
  })

  it('makes its indexes once, however many open it, at once and again', async () => {
    const names = async () =>
      (await database.db.collection('persons').listIndexes().toArray()).map(({ name }) => name)
    const before = await names()
    await Promise.all([1, 2, 3].map(() => openMongoPersonStore({ database })))
    expect(await names()).toEqual(before)
    expect(before.length).toBeGreaterThan(5)
  })

  it('opens a database of its own and closes it, but leaves one that was given open', async () => {
    const own = await openMongoPersonStore({ url: mongo.url, databaseName: `store${process.pid}` })
    const person = aPerson()
    await own.insertPerson(person)
    await own.close()
    const guest = await openMongoPersonStore({ database })
    expect(await guest.findPerson(person.id)).toEqual(person)
    await guest.close()
    await expect(guest.findPerson(person.id)).rejects.toMatchObject({ code: 'E_STORE_UNAVAILABLE' })
    expect(await store.findPerson(person.id)).toEqual(person)
  })

  it('keeps descriptors as little-endian float32', async () => {
    const image = anImage()
    await store.insertImage(image)
    const record = await database.db.collection<StoredImage>('images').findOne({ _id: image.id })
    const bytes = Buffer.from(record?.descriptor.value() ?? [])
    expect(bytes).toHaveLength(4 * image.descriptor.values.length)
    expect(bytes.readFloatLE(4)).toBe(image.descriptor.values[1])
  })

  it('judges ages by the server’s clock, whatever time the writer tells', async () => {
    const person = aPerson({ state: 'pending', createdAt: 1, updatedAt: 1 })
    await store.insertPerson(person)
    const query = { kind: 'pending-person', untouchedMs: 60_000, skip: 0, limit: 1000 } as const
    expect(await store.listOverdue(query)).not.toContain(person.id)
    expect(await store.listOverdue({ ...query, untouchedMs: 0 })).toContain(person.id)
    expect(await store.listOverdue({ ...query, untouchedMs: 0, limit: 0 })).toEqual([])
  })

  it('keeps the list of index generations by compare-and-set', async () => {
    expect(await store.readGenerations()).toEqual({ rev: 0, serving: null, others: [] })
    expect(await store.changeGenerations({ rev: 2, serving: 'b', others: [] })).toBe(false)
    const rivals = [1, 2, 3, 4].map((i) =>
      store.changeGenerations({ rev: 1, serving: null, others: [`a${i}`] }),
    )
    expect((await Promise.all(rivals)).filter(Boolean)).toHaveLength(1)
    const next = { rev: 2, serving: 'a', others: [] }
    expect(await store.changeGenerations(next)).toBe(true)
    expect(await store.changeGenerations({ ...next, serving: 'c' })).toBe(false)
    expect(await store.readGenerations()).toEqual(next)
  })

  describe('when the answer to a write is lost', () => {
    const losing = () => openMongoPersonStore({ database: losingAnswers(database) })

    it('knows that its insert was carried out, and another’s was not its own', async () => {
      const [flaky, person] = [await losing(), aPerson()]
      expect(await flaky.insertPerson(person)).toBe(true)
      expect(await flaky.insertPerson(person)).toBe(false)
    })

    it('answers the record that its change made, and raises rev once', async () => {
      const [flaky, person] = [await losing(), aPerson()]
      await store.insertPerson(person)
      const changed = await flaky.updatePerson(person, { name: 'Grace' })
      expect(changed).toEqual({ ...person, name: 'Grace', rev: 2 })
      expect(await flaky.updatePerson(person, { name: 'Late' })).toBeNull()
    })

    it('knows whose move of an image it was', async () => {
      const [flaky, image] = [await losing(), anImage()]
      await store.insertImage(image)
      const move = { from: ['ready'], to: 'deleting' } as const
      expect(await flaky.moveImage(image.id, move)).toBe(true)
      expect(await flaky.moveImage(image.id, move)).toBe(false)
    })

    it('knows that it set the Default group', async () => {
      const flaky = await losing()
      const expected = await store.readDefaultGroup()
      expect(await flaky.setDefaultGroup({ expected, next: newTestId() })).toBe(true)
      expect(await flaky.setDefaultGroup({ expected, next: newTestId() })).toBe(false)
    })
  })

  it('gives up in the end, and tells nothing of the person', async () => {
    const flaky = losingAnswers(database, { times: 0 })
    const opened = await openMongoPersonStore({ database: flaky })
    flaky.lose(9)
    const person = aPerson({ name: 'Lovelace' })
    const error = await opened.insertPerson(person).catch((reason: unknown) => reason)
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
