import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { aClaim, aClock, aPerson, aStoredReply } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteStores, type SqliteStores } from '../records/main/sqlite-record-store.ts'
import { temporaryFolder } from '../testing/temporary-folder.ts'

/** Tables and indexes. */
const NAMES_OF_VERSION_1 = new Set([
  'persons',
  'members',
  'packs',
  'images',
  'galleryGroups',
  'settings',
  'persons_live',
  'persons_unsettled',
  'persons_dirty',
  'persons_expiring',
  'members_by_person',
  'images_of_person',
  'images_unsettled',
  'groups_live',
  'groups_unsettled',
])

const clock = aClock()
let folder: Awaited<ReturnType<typeof temporaryFolder>>
let file: string
let stores: SqliteStores | null
beforeEach(async () => {
  folder = await temporaryFolder()
  file = join(folder.path, 'persons.sqlite')
  stores = null
})
afterEach(async () => {
  await stores?.records.close()
  await folder.remove()
})

async function reopen(): Promise<SqliteStores> {
  await stores?.records.close()
  stores = await openSqliteStores({ file, clock })
  return stores
}

describe('remembered answers in SQLite', () => {
  it('find their place in a file that an older version wrote, beside what is there', async () => {
    const person = aPerson()
    await (await reopen()).records.persons.insert(person)
    await stores?.records.close()
    const db = new SqliteDatabase(file)
    const made = db.prepare<[], { readonly type: string; readonly name: string }>(
      `SELECT type, name FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC`,
    )
    const later = made.all().filter(({ name }) => !NAMES_OF_VERSION_1.has(name))
    // With a table go its indexes.
    for (const { type, name } of later) db.exec(`DROP ${type} IF EXISTS ${name}`)
    for (const column of ['sentName', 'mergedInto']) db.exec(`ALTER TABLE persons DROP COLUMN ${column}`)
    db.exec('ALTER TABLE images DROP COLUMN quality; ALTER TABLE images DROP COLUMN damage')
    db.pragma('user_version = 1')
    db.close()
    const { records, idempotency } = await reopen()
    expect(await records.persons.find(person.id)).toEqual(person)
    expect(await idempotency.claim(aClaim())).toMatchObject({ outcome: 'begun' })
  })

  it('and claims outlive the process', async () => {
    const [done, begun] = [aClaim(), aClaim()]
    const { idempotency } = await reopen()
    await idempotency.claim(done)
    await idempotency.complete(done, aStoredReply())
    await idempotency.claim(begun)
    const again = (await reopen()).idempotency
    expect(await again.claim(done)).toMatchObject({ outcome: 'done', reply: { status: 201 } })
    expect(await again.claim(aClaim({ key: begun.key }))).toEqual({ outcome: 'running' })
  })

  it('let the next caller in at once when the only process has started anew', async () => {
    const begun = aClaim()
    await (await reopen()).idempotency.claim(begun)
    const { idempotency } = await reopen()
    await idempotency.endLeases()
    const next = await idempotency.claim(aClaim({ key: begun.key }))
    expect(next).toMatchObject({ outcome: 'begun', seed: begun.seed })
  })

  it('leave no trace in the files once forgotten', async () => {
    const { idempotency } = await reopen()
    const secret = 'Ada Lovelace was here'
    const done = aClaim()
    await idempotency.claim(done)
    await idempotency.complete(done, aStoredReply({ body: Buffer.from(secret) }))
    expect(await idempotency.forget({ untouchedMs: 0, limit: 10 })).toBe(1)
    await stores?.records.close()
    stores = null
    expect((await readFile(file)).includes(secret)).toBe(false)
  })
})
