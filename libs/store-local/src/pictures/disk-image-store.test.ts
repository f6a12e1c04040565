import { execFileSync } from 'node:child_process'
import { mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageId } from '@semblance/core'
import { aClock, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../testing/temporary-folder.ts'
import { openDiskImageStore } from './disk-image-store.ts'
import { smallestNames } from './smallest-names.ts'

describe('pictures on disk', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  const openStore = (path = folder.path) => openDiskImageStore({ folder: path, clock: aClock() })
  beforeEach(async () => {
    folder = await temporaryFolder()
  })
  afterEach(() => folder.remove())

  it('lie at the end of their id, for their owner only', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await store.put(id, Uint8Array.of(1))
    const part = join(folder.path, id.slice(-2))
    expect((await stat(join(part, id))).mode & 0o777).toBe(0o600)
    expect((await stat(part)).mode & 0o777).toBe(0o700)
  })

  it('are all there, and half-written ones gone, when the store is opened again', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await store.put(id, Uint8Array.of(1))
    await writeFile(join(folder.path, '.partial', `${id}.1`), 'half')
    const again = await openStore()
    expect(await readdir(join(folder.path, '.partial'))).toEqual([])
    expect([...(await again.get(id))!]).toEqual([1])
  })

  it('are unavailable, not absent, once the folder was removed, and callers are told', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await store.put(id, Uint8Array.of(1))
    await rm(folder.path, { recursive: true })
    const told = {
      code: 'E_PICTURES_UNAVAILABLE',
      message: expect.stringContaining('its folder was removed'),
    }
    await expect(store.get(id)).rejects.toMatchObject(told)
    await expect(store.put(id, Uint8Array.of(1))).rejects.toMatchObject(told)
    await expect(store.delete(id)).rejects.toMatchObject(told)
  })

  it('leave nothing aside when they cannot be put', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await rm(join(folder.path, id.slice(-2)), { recursive: true })
    await expect(store.put(id, Uint8Array.of(1))).rejects.toMatchObject({
      code: 'E_PICTURES_UNAVAILABLE',
      retryable: true,
    })
    expect(await readdir(join(folder.path, '.partial'))).toEqual([])
  })

  it.each([
    '../../../etc/passwd',
    'x',
    '',
    `${newTestId()}/..`,
    `..${newTestId().slice(2)}`,
  ])('are never named %j', async (id) => {
    const store = await openStore()
    await expect(store.get(id as ImageId)).rejects.toThrow(TypeError)
    await expect(store.put(id as ImageId, Uint8Array.of(1))).rejects.toThrow(TypeError)
    await expect(store.delete(id as ImageId)).rejects.toThrow(TypeError)
  })

  it('are listed without what else lies in the folder', async () => {
    const store = await openStore()
    await writeFile(join(folder.path, 'ab', 'notes.txt'), 'x')
    expect(await store.list({ after: null, limit: 9, untouchedMs: -60_000 })).toEqual([])
  })

  describe.each([
    { what: 'a folder', make: (path: string) => mkdir(path) },
    { what: 'a pipe', make: async (path: string) => execFileSync('mkfifo', [path]) },
    { what: 'a link', make: (path: string) => symlink(join(folder.path, 'outside'), path) },
  ])('are never $what with the name of one', ({ make }) => {
    const all = { after: null, limit: 9, untouchedMs: 0 }

    it('which is not listed, handed out or moved', async () => {
      const store = await openStore()
      await writeFile(join(folder.path, 'outside'), 'x')
      const { mtimeMs } = await stat(join(folder.path, 'outside'))
      const id = newTestId<ImageId>()
      await make(join(folder.path, id.slice(-2), id))
      expect(await store.list(all)).toEqual([])
      expect(await store.get(id)).toBeNull()
      await store.setAside(id)
      expect(await readdir(join(folder.path, 'set-aside'))).toEqual([])
      expect((await stat(join(folder.path, 'outside'))).mtimeMs).toBe(mtimeMs)
    })

    it('also among those that were set aside', async () => {
      const store = await openStore()
      const id = newTestId<ImageId>()
      await make(join(folder.path, 'set-aside', id))
      expect(await store.listSetAside(all)).toEqual([])
      await store.restore(id)
      expect(await readdir(join(folder.path, id.slice(-2)))).toEqual([])
    })
  })

  it('are not lost when a link has taken their place meanwhile', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await store.put(id, Uint8Array.of(7))
    await store.setAside(id)
    await writeFile(join(folder.path, 'outside'), 'x')
    await symlink(join(folder.path, 'outside'), join(folder.path, id.slice(-2), id))
    await store.restore(id)
    expect([...(await store.get(id))!]).toEqual([7])
  })

  it('are not listed from a folder where their id does not lead', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await writeFile(join(folder.path, id.endsWith('00') ? '01' : '00', id), 'x')
    expect(await store.list({ after: null, limit: 9, untouchedMs: 0 })).toEqual([])
  })

  it('are unavailable, not absent, when their folder cannot be read', async () => {
    const store = await openStore()
    const id = newTestId<ImageId>()
    await rm(join(folder.path, id.slice(-2)), { recursive: true })
    await writeFile(join(folder.path, id.slice(-2)), 'no folder')
    await expect(store.get(id)).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
    await rm(folder.path, { recursive: true })
    await expect(store.check()).rejects.toMatchObject({ code: 'E_PICTURES_UNAVAILABLE' })
  })

  it('cannot be opened where no folder can be', async () => {
    const path = join(folder.path, 'file')
    await writeFile(path, 'x')
    await expect(openStore(path)).rejects.toMatchObject({ code: 'E_DATA_UNREADABLE' })
  })
})

describe('the smallest names', () => {
  it('are the same as after sorting them all', () => {
    const names = Array.from({ length: 5000 }, (_, i) => `n${(i * 7919) % 5000}`)
    const smallest = smallestNames(10)
    for (const name of names) smallest.add(name)
    expect(smallest.take()).toEqual(names.toSorted().slice(0, 10))
  })
})
