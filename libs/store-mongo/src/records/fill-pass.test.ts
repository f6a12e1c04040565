import type { Person } from '@semblance/core'
import { aPerson, openTestMongo } from '@semblance/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { openMongoDatabase } from '../database/mongo-database.ts'
import { openMongoRecordStore } from './mongo-record-store.ts'
import { SCHEMA_VERSION } from './schema-version.ts'

const mongo = await openTestMongo()
if ('skipped' in mongo) process.stdout.write(`fill-pass.test.ts is skipped: ${mongo.skipped}\n`)

describe.skipIf('skipped' in mongo)('a database of an older version', async () => {
  if ('skipped' in mongo) return
  const database = await openMongoDatabase({ url: mongo.url, databaseName: `fill${process.pid}` })
  afterAll(async () => {
    await database.db.dropDatabase()
    await database.close()
    await mongo.close()
  })
  const settings = database.db.collection<{ _id: string }>('settings')
  const persons = database.db.collection<{ _id: string; touchedAt: Date; write: string }>('persons')
  /** As they were written before there were terms. */
  const anOldRecord = ({ id, ...rest }: Person) => {
    const expireAt = 8_640_000_000_000_000
    return { _id: id as string, ...rest, expireAt, touchedAt: new Date(5), write: `write ${id}` }
  }

  it('finds its persons by metadata once it was opened, and keeps when and by whom they were written', async () => {
    const people = Array.from({ length: 130 }, (_, i) => aPerson({ metadata: `{"city":"c${i % 65}"}` }))
    await persons.insertMany(people.map(anOldRecord))
    const [store] = await Promise.all([1, 2].map(() => openMongoRecordStore({ database })))
    const find = async (value: string) => {
      const query = { nowMs: 1_800_000_000_000, metadata: [{ path: ['city'], value }] }
      const { items } = await store!.persons.list(query, { page: 1, size: 10 })
      return items.map(({ id }) => id)
    }
    expect(await find('c64')).toEqual([people[129]!.id, people[64]!.id])
    expect(await find('c0')).toEqual([people[65]!.id, people[0]!.id])
    const after = await persons.findOne({ _id: people[0]!.id })
    expect([after?.touchedAt, after?.write]).toEqual([new Date(5), `write ${people[0]!.id}`])
    expect(await settings.findOne({ _id: 'metadataTerms' })).not.toBeNull()
  })

  it('finds its persons by any form of their names, and has the index told', async () => {
    await settings.deleteMany({ _id: { $in: ['metadataTerms', 'sentNames'] } })
    const sent = 'A\u030angstro\u0308m'
    const [ada, person] = [aPerson({ name: 'Ada' }), aPerson({ name: sent, rev: 7 })]
    await persons.insertMany([ada, person].map(anOldRecord))
    const [store] = await Promise.all([1, 2].map(() => openMongoRecordStore({ database })))
    for (const name of [sent, sent.normalize('NFC')]) {
      const { items } = await store!.persons.list({ nowMs: 1_800_000_000_000, name }, { page: 1, size: 10 })
      expect(items).toEqual([{ ...person, rev: 8, dirty: true }])
    }
    expect(await store!.persons.find(ada.id)).toEqual(ada)
    const overdue = { kind: 'dirty-person', untouchedMs: 30_000, skip: 0, limit: 10 } as const
    expect(await store!.overdue.list(overdue)).toEqual([person.id])
    expect(await settings.findOne({ _id: 'sentNames' })).not.toBeNull()
  })

  it('is marked with the version it was brought to, and refused once a newer one has marked it', async () => {
    const versions = database.db.collection<{ _id: string; value: string }>('settings')
    expect((await versions.findOne({ _id: 'schema' }))?.value).toBe(String(SCHEMA_VERSION))
    await versions.updateOne({ _id: 'schema' }, { $set: { value: String(SCHEMA_VERSION + 1) } })
    const opening = openMongoRecordStore({ database })
    await expect(opening).rejects.toMatchObject({ code: 'E_DATA_UNREADABLE', retryable: false })
    await versions.updateOne({ _id: 'schema' }, { $set: { value: String(SCHEMA_VERSION - 1) } })
  })

  it('shows the name that a process of the older version gave a person since', async () => {
    const person = aPerson({ name: 'A\u030angstro\u0308m' })
    const store = await openMongoRecordStore({ database })
    await store.persons.insert(person)
    await persons.updateOne({ _id: person.id as string }, { $set: { name: 'Grace' } as object })
    expect((await store.persons.find(person.id))?.name).toBe('Grace')
  })
})
