import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ExaminedFace, FaceAttribute, FaceEngine } from '@semblance/core'
import { findSharedData } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenedPack, openPack } from '../../packs/open-pack.ts'
import { openOnnxFaceEngine } from '../open-onnx-face-engine.ts'

const shared = findSharedData()
const PHOTOS = join(shared ?? '', 'photos')
const SMILING = 'ageitgey-face_recognition/examples/obama.jpg'
const OLD = 'ageitgey-face_recognition/examples/biden.jpg'
const YOUNG = 'deepinsight-insightface/cpp-package/inspireface/test_res/data/bulk/kun.jpg'
const hasPhotos = shared !== null

const limits = { maxPixels: 50_000_000, maxFaces: 64 }
let pack: OpenedPack
let engine: FaceEngine
beforeAll(async () => {
  const root = join(import.meta.dirname, '../../../../..')
  const folders = { packsFolder: join(root, 'models'), modelsFolder: join(root, 'models/.cache') }
  pack = await openPack({ ...folders, packId: 'builtin@2' })
  engine = await openOnnxFaceEngine({ pack, threads: 1, limits, observe: () => {} })
}, 120_000)
afterAll(() => engine.close())

async function examine(
  path: string,
  attributes: readonly FaceAttribute[],
  by: FaceEngine = engine,
): Promise<ExaminedFace> {
  const request = {
    faces: 'central',
    crop: null,
    measurePixels: false,
    needsFaceCount: false,
    attributes,
  } as const
  const report = await by.examineFaces(await readFile(join(PHOTOS, path)), request, { lane: 'search' })
  if (report.outcome !== 'faces') throw new Error(report.outcome)
  return report.faces[0]
}

describe.skipIf(!hasPhotos)('attributes', () => {
  it('tell a smile from a straight face', async () => {
    const { attributes } = await examine(SMILING, ['emotion'])
    expect(attributes.emotion).toMatchObject({ expression: 'happy' })
    expect(attributes.emotion!.neutral).toBeLessThan(0.1)
    const calm = await examine(YOUNG, ['emotion'])
    expect(calm.attributes.emotion).toMatchObject({ expression: 'neutral' })
    expect(calm.attributes.emotion!.neutral).toBeGreaterThan(0.8)
  }, 60_000)

  it('tell an old person from a young one', async () => {
    const old = (await examine(OLD, ['age'])).attributes.age!
    const young = (await examine(YOUNG, ['age'])).attributes.age!
    expect(young.to).toBeLessThan(30)
    expect(old.from).toBeGreaterThan(50)
  }, 60_000)

  it('are not told unless asked for', async () => {
    expect((await examine(SMILING, [])).attributes).toEqual({ age: null, emotion: null })
  }, 60_000)

  it('load no network before they are asked for', async () => {
    const without = { ...pack, files: { ...pack.files, emotion: '/nowhere/emotion.onnx' } }
    const opened = await openOnnxFaceEngine({ pack: without, threads: 1, limits, observe: () => {} })
    expect((await examine(SMILING, ['age'], opened)).attributes.age).not.toBeNull()
    await expect(examine(SMILING, ['emotion'], opened)).rejects.toMatchObject({ code: 'E_ENGINE_FAILED' })
    await opened.close()
  }, 60_000)

  it('that no network of the pack tells are undetermined', async () => {
    const { attributes: _, ...manifest } = pack.manifest
    const opened = await openOnnxFaceEngine({
      pack: { ...pack, manifest },
      threads: 1,
      limits,
      observe: () => {},
    })
    const { attributes } = await examine(SMILING, ['age', 'emotion'], opened)
    expect(attributes).toEqual({ age: null, emotion: null })
    await opened.close()
  }, 60_000)
})
