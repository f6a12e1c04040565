import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolders, syncFolder, writeAside } from './index.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance-files-'))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

describe('makeFolders', () => {
  it('makes what is missing, and answers the first that it made', async () => {
    const first = join(folder, 'a')
    expect(await makeFolders(join(first, 'b', 'c'), 0o700)).toBe(first)
    for (const made of ['a', 'a/b', 'a/b/c'])
      expect((await stat(join(folder, made))).mode & 0o777).toBe(0o700)
    expect(await makeFolders(join(first, 'b'))).toBeUndefined()
  })

  it('may be called by several at once', async () => {
    const wanted = join(folder, 'x', 'y', 'z')
    await Promise.all(Array.from({ length: 8 }, () => makeFolders(wanted)))
    expect((await stat(wanted)).isDirectory()).toBe(true)
  })

  it('rejects where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '')
    await expect(makeFolders(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  })
})

describe('writeAside', () => {
  it('writes, replaces, and leaves nothing beside', async () => {
    const file = join(folder, 'new', 'file')
    await writeAside(file, Buffer.from('one'))
    await writeAside(file, Buffer.from('two'))
    expect(await readFile(file, 'utf8')).toBe('two')
    expect(await readdir(join(folder, 'new'))).toEqual(['file'])
  })

  it('leaves what was there, and nothing beside, if it cannot', async () => {
    await mkdir(join(folder, 'taken', 'inside'), { recursive: true })
    await expect(writeAside(join(folder, 'taken'), Buffer.from('one'))).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
  })
})

describe('syncFolder', () => {
  it('rejects for a folder that is not there', async () => {
    await syncFolder(folder)
    await expect(syncFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
