import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FaceEngine } from '@semblance/core'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeLabelled } from './labelled-photos.ts'

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
    return { outcome: 'faces', faces: [{ descriptor: { values } }] }
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
  const found = await describeLabelled(folder, { engine, progress, signal })
  expect(found).toEqual({
    persons: 2,
    photos: 5,
    withoutFace: ['Ada/3.jpg'],
    unreadable: ['Eve/1.jpg'],
    enrolled: [{ subject: 'Ada', descriptor: Float32Array.of(1, 1) }],
    mated: [
      { subject: 'Ada', descriptor: Float32Array.of(2, 0) },
      { subject: 'Ada', descriptor: null },
    ],
    nonMated: [{ subject: 'Grace', descriptor: Float32Array.of(3, 0) }],
  })
  expect(told.at(-1)).toEqual({ done: 5, total: 5 })
})

it('says in one line that there is no such folder', async () => {
  const progress = { update: () => {}, stop: () => {} }
  const { signal } = new AbortController()
  const described = describeLabelled(join(folder, 'none'), { engine, progress, signal })
  await expect(described).rejects.toMatchObject({ name: 'CommandFault', exitCode: 2 })
})
