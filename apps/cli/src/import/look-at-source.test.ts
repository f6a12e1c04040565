import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lookAtSource } from './look-at-source.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance-look-'))
})
afterEach(() => rm(folder, { recursive: true }))

function look(watch = false) {
  const { signal } = new AbortController()
  return lookAtSource(folder, { layout: { by: 'auto' }, encoding: 'utf-8', watch, signal })
}

it('refuses a folder with nothing in it, such as that of a disk that is not mounted', async () => {
  await expect(look()).rejects.toThrow('there is nothing in it to import')
  await writeFile(join(folder, '.DS_Store'), 'x')
  await expect(look()).rejects.toThrow('there is nothing in it to import')
})

it('watches an empty folder all the same', async () => {
  const { close } = await look(true)
  await close()
})
