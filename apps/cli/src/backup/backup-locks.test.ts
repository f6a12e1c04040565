import { createHash, randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ImageStore, PackId } from '@semblance/core'
import { aClock, aDescriptor, anImage, aPerson } from '@semblance/core/testing'
import {
  lockDataFolder,
  openDiskImageStore,
  openSqliteStores,
  type SqliteStores,
} from '@semblance/store-local'
import SqliteDatabase from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { backUp } from './back-up.ts'
import { type BackupKey, readBackupKey } from './backup-key.ts'
import { restore } from './restore.ts'

const { signal } = new AbortController()
let folder: string
let stores: SqliteStores
let pictures: ImageStore
const at = (...names: readonly string[]) => join(folder, ...names)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance backup '))
  await mkdir(at('data'))
  stores = await openSqliteStores({ file: at('data', 'semblance.sqlite'), clock: aClock() })
  pictures = await openDiskImageStore({ folder: at('data', 'pictures'), clock: aClock() })
  const person = aPerson()
  const bytes = Buffer.from('Ada')
  const descriptor = aDescriptor(1, { packId: 'builtin@2' as PackId })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const image = anImage({ personId: person.id, bytes: bytes.length, sha256, descriptor })
  await stores.records.persons.insert(person)
  await stores.records.images.insert(image)
  await pictures.put(image.id, bytes)
})
afterEach(async () => {
  await pictures.close()
  await stores.records.close()
  await rm(folder, { recursive: true, force: true })
})

const backUpTo = (backups: string, key: BackupKey | null = null) =>
  backUp({ backups: at(backups), data: at('data'), key }, signal)
const keyOf = async () => {
  await writeFile(at('key'), randomBytes(32).toString('base64'), { mode: 0o600 })
  return readBackupKey(at('key'))
}
const copies = async () => (await readdir(at('data'))).filter((name) => name.startsWith('.backup'))

describe('an encrypted backup', () => {
  it('clears away the copy of the database of one that was killed, whichever process has its id now, and of no other', async () => {
    const key = await keyOf()
    const left = [`.backup-${process.pid}-aB3dEf`, `.backup-${process.ppid}-aB3dEf`, '.backup-aB3dEf']
    const used = at('data', '.backup-inUse1')
    for (const name of [...left, basename(used)]) {
      await mkdir(at('data', name))
      await writeFile(at('data', name, 'semblance.sqlite'), 'in the clear')
    }
    const lock = await lockDataFolder(used)
    await backUpTo('backups', key)
    expect(await copies()).toEqual([basename(used)])
    expect(await readFile(join(used, 'semblance.sqlite'), 'utf8')).toBe('in the clear')
    await lock.release()
    await backUpTo('backups', key)
    expect(await copies()).toEqual([])
  })

  it('is made beside another one that goes elsewhere', async () => {
    const key = await keyOf()
    const places = ['one', 'other', 'third']
    const made = await Promise.all(places.map((place) => backUpTo(place, key)))
    expect(made.map(({ pictures }) => pictures.files)).toEqual([1, 1, 1])
    expect(await copies()).toEqual([])
  })
})

describe('a restore', () => {
  it('keeps a server from the folder until all of it is there and verified, and from no longer', async () => {
    const { backup } = await backUpTo('backups')
    const isLocked = () => {
      const lock = new SqliteDatabase(at('restored', 'lock.sqlite'), { timeout: 0 })
      try {
        lock.exec('BEGIN EXCLUSIVE')
        return false
      } catch {
        return true
      } finally {
        lock.close()
      }
    }
    const seen: boolean[] = []
    const watched = new AbortController().signal
    // The copy asks at each folder of pictures; the look at the copy, at each batch of records.
    watched.throwIfAborted = () => seen.push(isLocked())
    await restore({ backup, data: at('restored') }, watched)
    expect(seen.length).toBeGreaterThan(3)
    expect(new Set(seen)).toEqual(new Set([true]))
    expect(isLocked()).toBe(false)
  })

  it('is refused where a server is about to begin, and changes nothing', async () => {
    const { backup } = await backUpTo('backups')
    const server = await lockDataFolder(at('restored'))
    await expect(restore({ backup, data: at('restored') }, signal)).rejects.toMatchObject({ exitCode: 2 })
    await server.release()
    expect(await readdir(at('restored'))).toEqual(['lock.sqlite'])
    const { json } = await restore({ backup, data: at('restored') }, signal)
    expect(JSON.parse(json)).toMatchObject({ persons: 1, findings: 0 })
  })
})
