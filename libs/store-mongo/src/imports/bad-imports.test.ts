import { type Damage, deleteImport, type ImageId, type ImportStore } from '@semblance/core'
import { anImport, aRow } from '@semblance/testkit'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { createMongoInspector } from '../records/mongo-inspector.ts'
import { findFreshDatabases } from '../testing/fresh-databases.ts'
import { openMongoImportStore } from './mongo-import-store.ts'

const databases = await findFreshDatabases('bad-imports.test.ts')

describe.skipIf(databases === null)('an import in MongoDB that was changed by hand', () => {
  if (databases === null) return
  afterAll(() => databases.close())
  let database: MongoDatabase
  let imports: ImportStore
  const damaged: Damage[] = []
  beforeEach(async () => {
    damaged.length = 0
    database = await databases.open()
    imports = await openMongoImportStore({ database, onDamage: (damage) => damaged.push(damage) })
  })
  afterEach(() => database.close())

  const change = (collection: string, filter: object, update: object) =>
    database.db.collection(collection).updateOne(filter, update)
  const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id).toSorted()
  /** Page by page, as `semblance verify` asks. */
  const inspected = async (kind: 'import' | 'import-row') => {
    const inspector = createMongoInspector({ database })
    const first = await inspector.list({ kind, after: null, limit: 1 })
    return [...first, ...(await inspector.list({ kind, after: first[0]?.id ?? '', limit: 9 }))]
  }

  it.each([
    { what: 'policies that are no JSON', update: { $set: { policies: '{' } } },
    { what: 'groups that are none', update: { $set: { groups: 7 } } },
    { what: 'a state that nobody knows', update: { $set: { state: 'alive' } } },
  ])('to $what is passed over and named, and the rest goes on', async ({ what, update }) => {
    const [good, bad] = [anImport(), anImport()]
    for (const made of [good, bad]) await imports.records.insert(made)
    await change('imports', { _id: bad.id }, update)
    expect(await imports.records.find(bad.id)).toBeNull()
    expect(ids((await imports.records.list({ page: 1, size: 9 })).items)).toEqual([good.id])
    expect(ids(await imports.records.listByState(['open']))).toEqual([good.id])
    expect(damaged).toContainEqual({ kind: 'import', id: bad.id, why: expect.any(String) })
    expect(ids(damaged), what).toEqual(damaged.map(() => bad.id))
    expect(await imports.records.isUnreadable(good.id)).toBe(false)
    expect(await imports.records.isUnreadable(bad.id)).toBe(true)
    await imports.rows.add(bad.id, [aRow({ key: 'a' })])
    const gallery = { records: {} as never, clock: { now: () => 0, monotonic: () => 0 } }
    const listed = await inspected('import')
    expect(await deleteImport({ gallery, imports }, bad.id)).toBe(true)
    expect(await deleteImport({ gallery, imports }, bad.id)).toBe(false)
    expect(await imports.rows.list({ id: bad.id, after: 0, limit: 9 })).toEqual([])
    expect(listed.filter(({ why }) => why !== null).map(({ id }) => id)).toEqual([bad.id])
  })

  it.each([
    { what: 'fields', update: { $set: { fields: '{' } } },
    { what: 'outcome', update: { $set: { outcomeKind: 'lost' } } },
  ])('in the $what of a row has that row fail, and the others go on', async ({ update }) => {
    const { id } = anImport()
    await imports.records.insert(anImport({ id }))
    await imports.rows.add(id, [aRow({ key: 'a' }), aRow({ key: 'b' })])
    await change('importRows', { key: 'a' }, update)
    const [bad, good] = await imports.rows.list({ id, after: 0, limit: 9 })
    expect(bad?.outcome).toMatchObject({ kind: 'failed', why: expect.stringContaining('damaged') })
    expect(good?.outcome).toBeNull()
    const newImageIds = ['1', '2'] as readonly string[] as readonly ImageId[]
    const claimed = await imports.rows.claim({ id, holder: 'h', leaseMs: 1_000, newImageIds })
    expect(claimed.map(({ key }) => key)).toContain('b')
    expect((await inspected('import-row')).map(({ why }) => why === null)).toEqual([false, true])
  })
})
