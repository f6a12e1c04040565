import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { ImageId, ImageStore, ImportId } from '@semblance/core'
import { aClock, anImport, aRow, newTestId } from '@semblance/core/testing'
import { openDiskImageStore, openSqliteStores, type SqliteStores } from '@semblance/store-local'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyStores } from '../verify/verify-stores.ts'
import { backUp } from './back-up.ts'
import { readBackupKey } from './backup-key.ts'
import { copyAtMoment } from './copy-at-moment.ts'
import { plainCopy } from './copy-pictures.ts'
import { restore } from './restore.ts'

const { signal } = new AbortController()
const HOLDER = 'the server'
let folder: string
let stores: SqliteStores
let staged: ImageStore
let importId: ImportId
const at = (...names: readonly string[]) => join(folder, ...names)
const fileOf = (id: ImageId, ...place: readonly string[]) => at(...place, 'staged', id.slice(-2), id)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance backup '))
  await mkdir(at('data', 'pictures', '00'), { recursive: true })
  stores = await openSqliteStores({ file: at('data', 'semblance.sqlite'), clock: aClock() })
  staged = await openDiskImageStore({ folder: at('data', 'staged'), clock: aClock() })
  const made = anImport()
  importId = made.id
  await stores.imports.records.insert(made)
})
afterEach(async () => {
  await staged.close()
  await stores.records.close()
  await rm(folder, { recursive: true, force: true })
})

/** An id in a folder of photos; those that are made later come later there. */
function photoId(part: string): ImageId {
  return newTestId<ImageId>().replace(/..$/, part) as ImageId
}

/** Takes in a row whose photo waits for it, as a server does. */
async function takeIn(key: string, stagedId: ImageId): Promise<void> {
  const bytes = Buffer.from(`photo of ${key}`)
  await staged.put(stagedId, bytes)
  const picture = { from: 'staged', stagedId, bytes: bytes.length } as const
  await stores.imports.rows.add(importId, [
    aRow({ key, picture, pictureSha256: createHash('sha256').update(bytes).digest('hex') }),
  ])
}

/** Ends a row as the importer does: its outcome is durable before its photo goes. */
async function end(key: string, photo: ImageId): Promise<void> {
  const newImageIds = Array.from({ length: 9 }, () => newTestId<ImageId>())
  await stores.imports.rows.claim({ id: importId, holder: HOLDER, leaseMs: 60_000, newImageIds })
  const { position } = (await stores.imports.rows.find(importId, key))!
  const outcome = { kind: 'no-face' } as const
  const rows = [{ key, position, outcome }]
  const ended = await stores.imports.rows.end({ id: importId, holder: HOLDER, rows })
  expect(ended).toEqual([position])
  await staged.delete(photo)
}

const waitingIn = async (data: string) => {
  const { json } = await verifyStores({ data }, signal)
  const { staged: whole, found } = JSON.parse(json)
  return { staged: whole, found }
}

describe('a backup while an import runs', () => {
  it('has the photo of a row that ends while the enrolled pictures are copied', async () => {
    const photo = photoId('00')
    await takeIn('Ada', photo)
    // The copy of enrolled pictures asks at each of their folders.
    const ends = new AbortController().signal
    ends.throwIfAborted = () => {
      const [partial = ''] = readdirSync(at('backups')).filter((name) => name.startsWith('.partial-'))
      if (existsSync(at('backups', partial, 'pictures'))) rmSync(fileOf(photo, 'data'), { force: true })
    }
    const { backup, pictures } = await backUp({ backups: at('backups'), data: at('data') }, ends)
    expect(existsSync(fileOf(photo, 'data'))).toBe(false)
    expect(pictures).toEqual({ files: 1, bytes: 12 })
    const { json } = await restore({ backup, data: at('restored') }, signal)
    expect(JSON.parse(json)).toMatchObject({ importRows: 1, staged: 1, findings: 0 })
    expect(await readFile(fileOf(photo, 'restored'), 'utf8')).toBe('photo of Ada')
  })

  type Acts = ReadonlyMap<ImageId, () => Promise<unknown>>

  /** Copies, and does something right after each of these photos is copied, or right before. */
  async function copyAnd(after: Acts, before: Acts = new Map()) {
    await mkdir(at('copy'))
    const copyThen: typeof plainCopy.copy = async (files) => {
      const id = basename(files.source) as ImageId
      await before.get(id)?.()
      await plainCopy.copy(files)
      await after.get(id)?.()
    }
    const form = { ...plainCopy, copy: copyThen }
    const copy = { from: at('data'), to: at('copy'), earlier: null, form, signal }
    return copyAtMoment(copy, at('copy', 'semblance.sqlite'))
  }

  it('has what came while other photos were copied, and nothing of a row that ended before its moment', async () => {
    const [ada, grace] = [photoId('00'), photoId('00')]
    await takeIn('Ada', ada)
    const meanwhile = async () => {
      await end('Ada', ada)
      await takeIn('Grace', grace)
    }
    expect(await copyAnd(new Map([[ada, meanwhile]]))).toEqual({ files: 1, bytes: 14, linked: 0 })
    expect(existsSync(fileOf(ada, 'copy'))).toBe(false)
    expect(await waitingIn(at('copy'))).toEqual({ staged: 1, found: [] })
  })

  it('is of the moment at which it looked for photos, whatever ends before the database is copied', async () => {
    const [ada, grace] = [photoId('00'), photoId('00')]
    await takeIn('Ada', ada)
    await copyAnd(
      new Map([
        [ada, () => takeIn('Grace', grace)],
        [grace, () => end('Grace', grace)],
      ]),
    )
    expect(existsSync(fileOf(grace, 'data'))).toBe(false)
    expect(await waitingIn(at('copy'))).toEqual({ staged: 2, found: [] })
  })

  it('takes another moment if a photo came and went between its two looks', async () => {
    const [ada, eve] = [photoId('00'), photoId('00')]
    await takeIn('Ada', ada)
    const went = new Map([[eve, () => end('Eve', eve)]])
    await copyAnd(new Map([[ada, () => takeIn('Eve', eve)]]), went)
    expect(existsSync(fileOf(eve, 'data'))).toBe(false)
    expect(await waitingIn(at('copy'))).toEqual({ staged: 1, found: [] })
  })

  it('of a photo that is lost or damaged is made all the same, and verify names both', async () => {
    const [ada, eve] = [photoId('00'), photoId('01')]
    for (const [key, id] of [
      ['Ada', ada],
      ['Eve', eve],
    ] as const)
      await takeIn(key, id)
    await rm(fileOf(ada, 'data'))
    await writeFile(fileOf(eve, 'data'), 'another')
    expect(await copyAnd(new Map())).toMatchObject({ files: 1 })
    const { found } = await waitingIn(at('copy'))
    expect(found).toMatchObject([
      { finding: 'staged-picture-missing', id: ada, place: fileOf(ada, 'copy') },
      { finding: 'staged-picture-damaged', id: eve, place: fileOf(eve, 'copy') },
    ])
  })

  it('is verified where it is encrypted, too', async () => {
    const photo = photoId('00')
    await takeIn('Ada', photo)
    await writeFile(at('key'), randomBytes(32).toString('base64'), { mode: 0o600 })
    const key = await readBackupKey(at('key'))
    const { backup } = await backUp({ backups: at('backups'), data: at('data'), key }, signal)
    const verify = async () =>
      JSON.parse((await verifyStores({ data: backup, keyFile: at('key') }, signal)).json)
    expect(await verify()).toMatchObject({ staged: 1, findings: 0 })
    await writeFile(fileOf(photo, 'backups', basename(backup)), 'another')
    expect(await verify()).toMatchObject({ found: [{ finding: 'staged-picture-damaged', id: photo }] })
  })
})
