import { mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RestingFiles } from './resting-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance watch '))
})
afterEach(() => rm(folder, { recursive: true }))

const AT = 1_790_000_000_000
async function write(text: string, atMs: number) {
  await writeFile(join(folder, 'a.jpg'), text)
  await utimes(join(folder, 'a.jpg'), atMs / 1000, atMs / 1000)
}

describe('RestingFiles', () => {
  it('takes a file once it is as it was, and has not been changed for a while', async () => {
    const clock = { nowMs: AT }
    const files = new RestingFiles(folder, () => clock.nowMs)
    await write('half', AT)
    expect(await files.takes('a.jpg')).toBe(false)
    clock.nowMs += 1_000
    expect(await files.takes('a.jpg')).toBe(false)
    await write('half and the rest', AT + 1_000)
    clock.nowMs += 4_000
    expect(await files.takes('a.jpg')).toBe(false)
    expect(await files.takes('a.jpg')).toBe(true)
    expect(await files.takes('a.jpg')).toBe(false)
  })

  it('forgets files that were not there in a whole look, and no others', async () => {
    const files = new RestingFiles(folder, () => AT + 60_000)
    await write('one', AT)
    await files.takes('a.jpg')
    expect(await files.takes('a.jpg')).toBe(true)
    files.endLook()
    expect(await files.takes('a.jpg')).toBe(false)
    files.endLook()
    await rename(join(folder, 'a.jpg'), join(folder, 'elsewhere'))
    files.endLook()
    await rename(join(folder, 'elsewhere'), join(folder, 'a.jpg'))
    expect([await files.takes('a.jpg'), await files.takes('a.jpg')]).toEqual([false, true])
  })

  it('takes a file again that is changed, and none that is not there', async () => {
    const files = new RestingFiles(folder, () => AT + 60_000)
    await write('one', AT)
    await files.takes('a.jpg')
    expect(await files.takes('a.jpg')).toBe(true)
    await write('other', AT + 10_000)
    expect([await files.takes('a.jpg'), await files.takes('a.jpg')]).toEqual([false, true])
    expect(await files.takes('b.jpg')).toBe(false)
  })
})
