import type { Person, PersonId } from '@semblance/core'
import { aPerson, newTestId, openTestMongo } from '@semblance/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type MongoRecordStore, openMongoRecordStore } from './mongo-record-store.ts'

const mongo = await openTestMongo({ own: true })
if ('skipped' in mongo) process.stdout.write(`mongo-record-store.kill.test.ts is skipped: ${mongo.skipped}\n`)

const WRITERS = 4
const ROUNDS = 3

describe.skipIf('skipped' in mongo)('MongoRecordStore, its server killed while it writes', () => {
  if ('skipped' in mongo) return

  it('fails shortly, heals without a hand and has lost nothing that it acknowledged', async () => {
    onTestFinished(() => mongo.close())
    const store = await openMongoRecordStore({ url: mongo.url, databaseName: 'killed' })
    onTestFinished(() => store.close())
    const acknowledged: Person[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const before = acknowledged.length
      const writers = Array.from({ length: WRITERS }, () => writeUntilFault(store, acknowledged))
      await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 5)
      const killed = performance.now()
      await mongo.kill()
      for (const fault of await Promise.all(writers)) {
        expect(fault).toMatchObject({ code: 'E_STORE_UNAVAILABLE', retryable: true })
      }
      expect(performance.now() - killed).toBeLessThan(6000)
      await mongo.restart()
      await expect.poll(() => isThere(store), { timeout: 10_000 }).toBe(true)
    }
    const found = await store.persons.findMany(acknowledged.map(({ id }) => id))
    const byId = (a: Person, b: Person) => (a.id < b.id ? -1 : 1)
    expect(found.toSorted(byId)).toEqual(acknowledged.toSorted(byId))
  }, 60_000)
})

/** Inserts a person and changes it, again and again; answers what ended it. */
async function writeUntilFault(store: MongoRecordStore, acknowledged: Person[]): Promise<unknown> {
  for (;;) {
    const person = aPerson({ id: newTestId<PersonId>() })
    try {
      expect(await store.persons.insert(person)).toBe(true)
      const changed = await store.persons.update(person, { name: 'Grace' })
      if (changed === null) throw new Error('nobody else writes to this person')
      acknowledged.push(changed)
    } catch (fault) {
      return fault
    }
  }
}

function isThere(store: MongoRecordStore): Promise<boolean> {
  return store.check().then(
    () => true,
    () => false,
  )
}
