import { join } from 'node:path'
import { type Damage, deleteImport, type ImageId, type ImportStore, type RecordStore } from '@semblance/core'
import { aClaim, aClock, aGroup, anImage, anImport, aPerson, aRow, aStoredReply } from '@semblance/testkit'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import type { LocalIdempotencyStore } from '../store-calls.ts'
import { openSqliteInspector } from './sqlite-inspector.ts'
import { openSqliteStores } from './sqlite-record-store.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let records: RecordStore
let imports: ImportStore
let idempotency: LocalIdempotencyStore
let hand: Database
const damaged: Damage[] = []
beforeEach(async () => {
  damaged.length = 0
  folder = await temporaryFolder()
  const file = join(folder.path, 'persons.sqlite')
  const stores = await openSqliteStores({ file, clock: aClock(), onDamage: (it) => damaged.push(it) })
  records = stores.records
  imports = stores.imports
  idempotency = stores.idempotency
  hand = new SqliteDatabase(file)
})
afterEach(async () => {
  hand.close()
  await records.close()
  await folder.remove()
})

const PAGE = { page: 1, size: 9 }
const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id).toSorted()

describe('a person changed by hand', () => {
  it.each([
    "groupIds = 'x'",
    "groupIds = '7'",
    "groupIds = '[7]'",
    "metadata = '{'",
    "metadata = '[]'",
    'createdAt = -1',
    'updatedAt = 9000000000000000',
    'expireAt = -5',
    'rev = -1',
    "state = 'alive'",
  ])('so that %s is passed over and named, and the rest is served', async (change) => {
    const [good, bad] = [aPerson(), aPerson({ expireAt: 9_000_000_000_000 })]
    for (const person of [good, bad]) await records.persons.insert(person)
    hand.prepare(`UPDATE persons SET ${change} WHERE id = ?`).run(bad.id)
    expect(await records.persons.find(bad.id)).toBeNull()
    expect(ids(await records.persons.findMany([good.id, bad.id]))).toEqual([good.id])
    expect(ids((await records.persons.list({ nowMs: 0 }, PAGE)).items)).toEqual([good.id])
    expect(await records.persons.update(bad, { name: 'x' })).toBeNull()
    await expect.poll(() => damaged).toContainEqual({ kind: 'person', id: bad.id, why: expect.any(String) })
    expect(new Set(damaged.map(({ id }) => id))).toEqual(new Set([bad.id]))
  })
})

describe('an image changed by hand', () => {
  it.each([
    { change: "descriptor = x'010203'", isListed: true },
    { change: 'pack = 99', isListed: true },
    { change: 'createdAt = -1', isListed: false },
    { change: 'bytes = -1', isListed: false },
    { change: "contentType = 'text/html' || char(13, 10) || 'X: y'", isListed: false },
    { change: "contentType = ''", isListed: false },
    { change: "personId = 'x'", isListed: false },
  ])('so that $change is passed over and named, and the rest is served', async ({ change, isListed }) => {
    const person = aPerson()
    await records.persons.insert(person)
    const images = Array.from({ length: 3 }, () => anImage({ personId: person.id }))
    for (const image of images) await records.images.insert(image)
    const bad = images[1]!
    const rest = ids(images.filter(({ id }) => id !== bad.id))
    hand.prepare(`UPDATE images SET ${change} WHERE id = ?`).run(bad.id)
    expect(await records.images.find(bad.id)).toBeNull()
    const scanned = await records.images.scanEnrolled({ after: null, limit: 2 })
    expect(ids(scanned.map(({ image }) => image))).toEqual(rest)
    expect(scanned.every(({ image }) => image.descriptor.values.length > 0)).toBe(true)
    const listed = ids(await records.images.findMany(images.map(({ id }) => id)))
    expect(listed).toEqual(isListed ? ids(images) : rest)
    await expect.poll(() => damaged).toContainEqual({ kind: 'image', id: bad.id, why: expect.any(String) })
    const inspector = openSqliteInspector(hand.name)
    const inspected = await inspector.list({ kind: 'image', after: null, limit: 9 })
    await inspector.close()
    expect(ids(inspected.filter(({ why }) => why !== null))).toEqual([bad.id])
  })

  it('so that its id is none is scanned past, and named', async () => {
    const person = aPerson()
    await records.persons.insert(person)
    const [bad, good] = [anImage({ personId: person.id }), anImage({ personId: person.id })]
    for (const image of [bad, good]) await records.images.insert(image)
    hand.prepare("UPDATE images SET id = '0' WHERE id = ?").run(bad.id)
    const scanned = await records.images.scanEnrolled({ after: null, limit: 9 })
    expect(ids(scanned.map(({ image }) => image))).toEqual([good.id])
    await expect.poll(() => damaged).toMatchObject([{ kind: 'image', id: '0' }])
  })

  it('whose person cannot be read is not scanned', async () => {
    const [good, bad] = [aPerson(), aPerson()]
    for (const person of [good, bad]) await records.persons.insert(person)
    const images = [good, bad].map(({ id: personId }) => anImage({ personId }))
    for (const image of images) await records.images.insert(image)
    hand.prepare("UPDATE persons SET groupIds = 'x' WHERE id = ?").run(bad.id)
    const scanned = await records.images.scanEnrolled({ after: null, limit: 1 })
    expect(ids(scanned.map(({ person }) => person))).toEqual([good.id])
  })
})

it('passes over a group whose metadata is no JSON', async () => {
  const [good, bad] = [aGroup(), aGroup()]
  for (const group of [good, bad]) await records.groups.insert(group)
  hand.prepare("UPDATE galleryGroups SET metadata = 'x' WHERE id = ?").run(bad.id)
  expect(await records.groups.find(bad.id)).toBeNull()
  expect(ids(await records.groups.findMany([good.id, bad.id]))).toEqual([good.id])
  expect(ids((await records.groups.list(PAGE)).items)).toEqual([good.id])
  await expect.poll(() => damaged).toContainEqual({ kind: 'group', id: bad.id, why: expect.any(String) })
})

it('takes a remembered answer that cannot be read for one that was too large to keep', async () => {
  const claim = aClaim()
  await idempotency.claim(claim)
  await idempotency.complete(claim, aStoredReply())
  hand.prepare("UPDATE replies SET headers = '{' WHERE key = ?").run(claim.key)
  expect(await idempotency.claim(claim)).toMatchObject({ outcome: 'done', reply: null })
  await expect.poll(() => damaged).toMatchObject([{ kind: 'reply', id: claim.key }])
})

describe('an import changed by hand', () => {
  it.each([
    "policies = '{'",
    "groupIds = '7'",
    "state = 'alive'",
  ])('so that %s is passed over and named, and the rest goes on', async (change) => {
    const [good, bad] = [anImport(), anImport()]
    for (const made of [good, bad]) await imports.records.insert(made)
    hand.prepare(`UPDATE imports SET ${change} WHERE id = ?`).run(bad.id)
    expect(await imports.records.find(bad.id)).toBeNull()
    expect(ids((await imports.records.list(PAGE)).items)).toEqual([good.id])
    expect(ids(await imports.records.listByState(['open']))).toEqual([good.id])
    await expect.poll(() => damaged).toContainEqual({ kind: 'import', id: bad.id, why: expect.any(String) })
    const unreadable = await Promise.all([good, bad].map(({ id }) => imports.records.isUnreadable(id)))
    expect(unreadable).toEqual([false, true])
    const listed = await inspected('import')
    expect(listed.filter(({ why }) => why !== null).map(({ id }) => id)).toEqual([bad.id])
    await imports.rows.add(bad.id, [aRow({ key: 'a' })])
    const gallery = { records, clock: aClock() }
    expect(await deleteImport({ gallery, imports }, bad.id)).toBe(true)
    expect(await deleteImport({ gallery, imports }, bad.id)).toBe(false)
    expect(await imports.rows.list({ id: bad.id, after: 0, limit: 9 })).toEqual([])
  })

  it.each(["fields = '{'", "outcomeKind = 'lost'"])('in a row, by %s, ends that row', async (change) => {
    const { id } = anImport()
    await imports.records.insert(anImport({ id }))
    await imports.rows.add(id, [aRow({ key: 'a' }), aRow({ key: 'b' })])
    hand.prepare(`UPDATE importRows SET ${change} WHERE key = 'a'`).run()
    const [bad, good] = await imports.rows.list({ id, after: 0, limit: 9 })
    expect(bad?.outcome).toMatchObject({ kind: 'failed', why: expect.stringContaining('damaged') })
    expect(good?.outcome).toBeNull()
    const newImageIds = ['1', '2'] as readonly string[] as readonly ImageId[]
    const claimed = await imports.rows.claim({ id, holder: 'h', leaseMs: 1_000, newImageIds })
    expect(claimed.map(({ key }) => key)).toContain('b')
    const listed = await inspected('import-row')
    expect(listed.map(({ why }) => why === null)).toEqual([false, true])
  })
})

async function inspected(kind: 'import' | 'import-row') {
  const inspector = openSqliteInspector(join(folder.path, 'persons.sqlite'))
  const first = await inspector.list({ kind, after: null, limit: 1 })
  const rest = await inspector.list({ kind, after: first[0]?.id ?? '', limit: 9 })
  await inspector.close()
  return [...first, ...rest]
}
