import { execFile } from 'node:child_process'
import { open, readdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { aClock, anImage, aPerson } from '@semblance/testkit'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { temporaryFolder } from '../../testing/temporary-folder.ts'
import { openDatabase } from '../thread/open-database.ts'
import { openSqliteRecordStore } from './sqlite-record-store.ts'

const run = promisify(execFile)
let folder: Awaited<ReturnType<typeof temporaryFolder>>
const file = () => join(folder.path, 'persons.sqlite')
const openStore = (path = file()) => openSqliteRecordStore({ file: path, clock: aClock() })

beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

describe('opening', () => {
  it.each([
    ['is not a database', async () => writeFile(file(), 'x'.repeat(9000)), /not a database/],
    ['belongs to another program', async () => makeForeign(), /another program/],
    ['was written by a newer version', async () => makeNewer(), /newer version \(schema 99/],
  ])('refuses a file that %s, and leaves it as it is', async (_, make, message) => {
    await make()
    const before = (await stat(file())).size
    await expect(openStore()).rejects.toMatchObject({
      code: 'E_DATA_UNREADABLE',
      message: expect.stringMatching(message),
    })
    expect((await stat(file())).size).toBe(before)
  })

  it('refuses a folder that is not there', async () => {
    const missing = join(folder.path, 'missing', 'persons.sqlite')
    await expect(openStore(missing)).rejects.toMatchObject({ code: 'E_DATA_UNREADABLE' })
  })

  it('makes files that nobody else may read', async () => {
    const store = await openStore()
    await store.persons.insert(aPerson())
    for (const name of await readdir(folder.path)) {
      expect((await stat(join(folder.path, name))).mode & 0o777).toBe(0o600)
    }
    await store.close()
  })

  it('fills a file that a crash left empty', async () => {
    await writeFile(file(), '')
    const store = await openStore()
    await expect(store.check()).resolves.toBeUndefined()
    await store.close()
  })
})

describe('a store in use', () => {
  it('says that its data is damaged when pages are overwritten', async () => {
    openDatabase(file()).close()
    const store = await openStore()
    const images = Array.from({ length: 200 }, () => anImage())
    await Promise.all(images.map((image) => store.images.insert(image)))
    await store.close()
    await overwriteBehindTheSchema(file())
    const damaged = await openStore().catch((error: unknown) => error)
    // Some damage shows at once, some only when the page is read.
    const error = damaged instanceof Error ? damaged : await readAll(damaged as typeof store)
    expect(error).toMatchObject({ code: 'E_DATA_UNREADABLE', message: expect.stringMatching(/damaged/) })
  })

  it('answers everything that was asked before it is closed, and empties its log', async () => {
    const store = await openStore()
    const inserts = Array.from({ length: 50 }, () => store.persons.insert(aPerson()))
    await store.close()
    expect((await Promise.all(inserts)).every(Boolean)).toBe(true)
    expect(await readdir(folder.path)).toEqual(['persons.sqlite'])
  })

  it('takes erased descriptors out of its log soon after, without being closed', async () => {
    const store = await openStore()
    const image = anImage()
    await store.images.insert(image)
    const logBytes = async () => (await stat(`${file()}-wal`)).size
    expect(await logBytes()).toBeGreaterThan(0)
    await store.images.move(image.id, { from: ['ready'], to: 'gone' })
    await vi.waitUntil(async () => (await logBytes()) === 0, { timeout: 20_000 })
    expect((await store.images.find(image.id))?.state).toBe('gone')
    await store.close()
  })

  it('hands over descriptors that stay whole when the next page is read', async () => {
    const store = await openStore()
    const person = aPerson()
    await store.persons.insert(person)
    for (let i = 0; i < 4; i++) await store.images.insert(anImage({ personId: person.id }))
    const [first, second] = await Promise.all([
      store.images.scanEnrolled({ after: null, limit: 4 }),
      store.images.scanEnrolled({ after: null, limit: 4 }),
    ])
    expect(first).toEqual(second)
    expect(first[3]?.image.descriptor.values).toEqual(anImage().descriptor.values)
    await store.close()
  })

  // `ulimit -f` makes writing beyond so many KiB fail as a full disk does, without needing one.
  it('reports a disk that fills up, keeps what it acknowledged and goes on reading', async () => {
    const script = join(import.meta.dirname, '../../testing/write-until-refused.ts')
    const limited = `trap '' XFSZ; ulimit -f 2000; exec "$@"`
    const node = [process.execPath, '--conditions=@semblance/source', script, file()]
    const { stdout } = await run('bash', ['-c', limited, 'bash', ...node])
    const { acknowledged, code, readable } = JSON.parse(stdout)
    expect(code).toBe('E_STORE_UNAVAILABLE')
    expect(readable).toBe(acknowledged.length)
    const store = await openStore()
    const found = await store.images.findMany(acknowledged)
    expect(acknowledged.length).toBeGreaterThan(20)
    expect(found.length).toBe(acknowledged.length)
    await store.close()
  })
})

function makeForeign(): void {
  const db = new SqliteDatabase(file())
  db.exec('CREATE TABLE notes (text)')
  db.close()
}

function makeNewer(): void {
  const db = openDatabase(file())
  db.pragma('user_version = 99')
  db.close()
}

/** Page 1 holds the schema; without it the file would not even be a database. */
async function overwriteBehindTheSchema(path: string): Promise<void> {
  const { size } = await stat(path)
  const handle = await open(path, 'r+')
  await handle.write(Buffer.alloc(size - 8192, 0xab), 0, size - 8192, 8192)
  await handle.close()
}

async function readAll(store: Awaited<ReturnType<typeof openStore>>): Promise<unknown> {
  const fault = await store.images.findMany([anImage().id]).catch((error: unknown) => error)
  await store.close()
  return fault
}
