import type { Damage } from '@semblance/core'
import { aClaim, aGroup, anImage, aPerson, aStoredReply } from '@semblance/testkit'
import { Binary } from 'mongodb'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { openMongoIdempotencyStore } from '../idempotency/mongo-idempotency-store.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { createMongoInspector } from './mongo-inspector.ts'
import { type MongoRecordStore, openMongoRecordStore } from './mongo-record-store.ts'

const databases = await findFreshDatabases('bad-records.test.ts')

describe.skipIf(databases === null)('records in MongoDB that were changed by hand', () => {
  if (databases === null) return
  afterAll(() => databases.close())
  let database: MongoDatabase
  let records: MongoRecordStore
  const damaged: Damage[] = []
  const onDamage = (damage: Damage) => damaged.push(damage)
  beforeEach(async () => {
    damaged.length = 0
    database = await databases.open()
    records = await openMongoRecordStore({ database, onDamage })
  })
  afterEach(() => database.close())

  const change = (collection: string, id: string, update: object) =>
    database.db.collection<{ _id: string }>(collection).updateOne({ _id: id }, update)
  const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id).toSorted()
  const PAGE = { page: 1, size: 9 }

  it.each([
    { what: 'groups that are none', update: { $set: { groups: 'x' } } },
    { what: 'metadata that is no JSON', update: { $set: { metadata: '{' } } },
    { what: 'metadata that is an object of MongoDB', update: { $set: { metadata: { a: 1 } } } },
    { what: 'no name', update: { $unset: { name: '' } } },
    { what: 'no rev', update: { $unset: { rev: '' } } },
    { what: 'a time that is none', update: { $set: { createdAt: 'yesterday' } } },
  ])('a person with $what is passed over and named', async ({ update }) => {
    const [good, bad] = [aPerson(), aPerson()]
    for (const person of [good, bad]) await records.persons.insert(person)
    await change('persons', bad.id, update)
    expect(await records.persons.find(bad.id)).toBeNull()
    expect(ids(await records.persons.findMany([good.id, bad.id]))).toEqual([good.id])
    expect(ids((await records.persons.list({ nowMs: 0 }, PAGE)).items)).toEqual([good.id])
    expect(damaged).toContainEqual({ kind: 'person', id: bad.id, why: expect.any(String) })
    expect(ids(damaged)).toEqual(damaged.map(() => bad.id))
  })

  it('do not keep a newer version from filling in what records of an older one lack', async () => {
    const bad = aPerson()
    await records.persons.insert(bad)
    await change('persons', bad.id, { $set: { metadata: '{' }, $unset: { name: '' } })
    await database.db.collection('settings').deleteMany({})
    await openMongoRecordStore({ database })
  })

  it.each([
    { what: 'a short descriptor', update: { $set: { descriptor: new Binary(Buffer.from([1, 2, 3])) } } },
    { what: 'no descriptor', update: { $unset: { descriptor: '' } } },
    { what: 'a list for a descriptor', update: { $set: { descriptor: [1, 2] } } },
    { what: 'no pack', update: { $unset: { packId: '' } } },
    { what: 'no size', update: { $unset: { bytes: '' } } },
    { what: 'a header for its type', update: { $set: { contentType: 'text/html\r\nX: y' } } },
  ])('an image with $what is passed over and named', async ({ update }) => {
    const person = aPerson()
    await records.persons.insert(person)
    const images = Array.from({ length: 3 }, () => anImage({ personId: person.id }))
    for (const image of images) await records.images.insert(image)
    const bad = images[1]!
    await change('images', bad.id, update)
    expect(await records.images.find(bad.id)).toBeNull()
    const scanned = await records.images.scanEnrolled({ after: null, limit: 2 })
    expect(ids(scanned.map(({ image }) => image))).toEqual(ids([images[0]!, images[2]!]))
    expect(damaged).toContainEqual({ kind: 'image', id: bad.id, why: expect.any(String) })
  })

  it('are all listed by an inspector, those that cannot be used with the reason', async () => {
    const inspector = createMongoInspector({ database })
    const [person, other] = [aPerson(), aPerson()]
    for (const it of [person, other]) await records.persons.insert(it)
    const images = Array.from({ length: 3 }, () => anImage({ personId: person.id }))
    for (const image of images) await records.images.insert(image)
    await change('images', images[1]!.id, { $unset: { descriptor: '' } })
    await change('persons', other.id, { $set: { metadata: 7 } })
    const first = await inspector.list({ kind: 'image', after: null, limit: 2 })
    const listed = [...first, ...(await inspector.list({ kind: 'image', after: first[1]!.id, limit: 2 }))]
    expect(listed.map(({ id, why }) => [id, why === null])).toEqual(
      images.map(({ id }) => [id, id !== images[1]!.id]),
    )
    const { sha256, bytes, descriptor } = images[0]!
    expect(listed[0]).toMatchObject({
      state: 'ready',
      image: { personId: person.id, sha256, bytes, descriptor },
    })
    const seen = await inspector.list({ kind: 'person', after: null, limit: 9 })
    expect(seen.filter(({ why }) => why !== null).map(({ id }) => id)).toEqual([other.id])
    const states = await inspector.findStates({ kind: 'image', ids: [images[1]!.id, person.id] })
    expect([...states]).toEqual([[images[1]!.id, 'ready']])
    expect(await inspector.checkFile()).toEqual([])
  })

  it('a group without a name is passed over and named', async () => {
    const [good, bad] = [aGroup(), aGroup()]
    for (const group of [good, bad]) await records.groups.insert(group)
    await change('groups', bad.id, { $unset: { name: '' } })
    expect(await records.groups.find(bad.id)).toBeNull()
    expect(ids((await records.groups.list(PAGE)).items)).toEqual([good.id])
    expect(damaged).toContainEqual({ kind: 'group', id: bad.id, why: expect.any(String) })
  })

  it.each([
    { what: 'headers that are no JSON', update: { $set: { 'reply.headers': '{' } } },
    { what: 'no times', update: { $unset: { touchedAt: '' } } },
    { what: 'no fingerprint', update: { $unset: { fingerprint: '' } } },
  ])('a remembered answer with $what counts as one that was not kept', async ({ update }) => {
    const store = await openMongoIdempotencyStore({ database, onDamage })
    const claim = aClaim()
    await store.claim(claim)
    await store.complete(claim, aStoredReply())
    await change('replies', claim.key, update)
    expect(await store.claim(claim)).toMatchObject({ outcome: 'done', reply: null })
    expect(damaged).toMatchObject([{ kind: 'reply', id: claim.key }])
  })
})
