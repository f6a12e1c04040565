import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaceEngine } from '@semblance/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLabelled, requireAlbums } from './labelled-photos.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'semblance evaluate '))
})
afterEach(() => rm(folder, { recursive: true }))

/** Sees a face in all that begins with a digit; later photos of a folder are answered first. */
const engine = {
  findFaces: async (picture: Uint8Array, { effort }: { readonly effort: string }) => {
    const text = Buffer.from(picture).toString().slice(-4)
    if (text === 'none') return { outcome: 'no-face' }
    if (text === 'text') return { outcome: 'undecodable' }
    await new Promise((resolve) => setTimeout(resolve, 10 - Number(text)))
    const values = Float32Array.of(Number(text), effort === 'rich' ? 1 : 0)
    const quality = { value: 10 * Number(text), damage: 0.5, parts: {} }
    return { outcome: 'faces', faces: [{ descriptor: { values }, quality }] }
  },
} as unknown as FaceEngine

/** The beginning of a JPEG, by which it is taken for a picture. */
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex')

it('enrolls the first photo of whoever has several, counts what has no face, and takes others for strangers', async () => {
  const files = { 'Ada/1.jpg': '0001', 'Ada/2.jpg': '0002', 'Ada/3.jpg': 'none', 'Grace/1.jpg': '0003' }
  for (const [name, text] of Object.entries({ ...files, 'Eve/1.jpg': 'text' })) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), Buffer.concat([JPEG, Buffer.from(text)]))
  }
  const told: object[] = []
  const progress = { update: (now: object) => void told.push(now), stop: () => {} }
  const { signal } = new AbortController()
  const found = await describeLabelled(folder, { engine, progress, signal, total: 5 })
  expect(found).toEqual({
    persons: 2,
    photos: 5,
    withoutFace: ['Ada/3.jpg'],
    unreadable: ['Eve/1.jpg'],
    enrolled: [{ subject: 'Ada', descriptor: Float32Array.of(1, 1), quality: 10, damage: 0.5 }],
    mated: [
      { subject: 'Ada', descriptor: Float32Array.of(2, 0), quality: 20, damage: 0.5 },
      { subject: 'Ada', descriptor: null, quality: null, damage: null },
    ],
    nonMated: [{ subject: 'Grace', descriptor: Float32Array.of(3, 0), quality: 30, damage: 0.5 }],
  })
  expect(told.at(-1)).toEqual({ done: 5, total: 5 })
})

it('says in one line that there is no such folder', async () => {
  const progress = { update: () => {}, stop: () => {} }
  const { signal } = new AbortController()
  const described = describeLabelled(join(folder, 'none'), { engine, progress, signal, total: 0 })
  await expect(described).rejects.toMatchObject({ name: 'CommandFault', exitCode: 2 })
})

it('refuses what cannot be measured before any work is done on it', async () => {
  const { signal } = new AbortController()
  const messageOf = (path: string) =>
    requireAlbums(path, signal).then(
      () => null,
      (fault: { readonly exitCode: number; readonly message: string }) => [fault.exitCode, fault.message],
    )
  expect(await messageOf(join(folder, 'none'))).toEqual([2, expect.stringContaining('there is no such file')])
  for (const file of ['of 1840/Ada/1.jpg', 'of 1840/Ada/2.jpg', 'of 1840/Grace/1.jpg', 'stray.jpg']) {
    await mkdir(join(folder, file, '..'), { recursive: true })
    await writeFile(join(folder, file), JPEG)
  }
  expect(await messageOf(join(folder, 'stray.jpg'))).toEqual([
    2,
    expect.stringMatching(/stray.jpg is no folder$/),
  ])
  expect(await messageOf(folder)).toEqual([2, expect.stringContaining('has 1 person with several photos')])
  await writeFile(join(folder, 'of 1840/Grace/2.jpg'), JPEG)
  expect(await messageOf(folder)).toBeNull()
})
