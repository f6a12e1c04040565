import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findSharedData } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPack } from '../../packs/open-pack.ts'
import { missingTarball } from '../../testing/tarball-networks.ts'
import { compareFaces, type FaceCount, readTruth, recallOf } from '../../testing/true-faces.ts'
import type { OnnxFaceEngine } from '../onnx-face-engine.ts'
import { openOnnxFaceEngine } from '../open-onnx-face-engine.ts'

const shared = findSharedData()
const photos = join(shared ?? '', 'photos')
if (shared === null) process.emitWarning('skipped: which faces are found in photos, because there are none')

describe.skipIf(shared === null)('the faces of 43 photos', () => {
  const counts: FaceCount[] = []
  let engine: OnnxFaceEngine | null = null
  let missing: string | null = null

  beforeAll(async () => {
    missing = await missingTarball('builtin@2')
    if (missing !== null) return
    const root = join(import.meta.dirname, '../../../../..')
    const folders = { packsFolder: join(root, 'models'), modelsFolder: join(root, 'models/.cache') }
    const pack = await openPack({ ...folders, packId: 'builtin@2' })
    const limits = { maxPixels: 50_000_000, maxFaces: 200 }
    engine = await openOnnxFaceEngine({ pack, threads: 2, limits, observe: () => {} })
    const request = {
      faces: 'all',
      crop: null,
      measurePixels: false,
      needsFaceCount: false,
      attributes: [],
    } as const
    for (const [path, truth] of readTruth(photos)) {
      const report = await engine.examineFaces(readFileSync(join(photos, path)), request, { lane: 'bulk' })
      counts.push(compareFaces(report.outcome === 'faces' ? report.faces.map(({ box }) => box) : [], truth))
    }
  }, 120_000)

  afterAll(() => engine?.close())

  const sum = (key: keyof FaceCount): number => counts.reduce((all, one) => all + one[key], 0)

  it('are found: all of up to nine in a picture, and most of a crowd', (context) => {
    if (missing !== null) context.skip(missing)
    expect(recallOf(counts.filter((count) => count.true <= 9))).toBe(1)
    expect(recallOf(counts.filter((count) => count.true >= 10))).toBeGreaterThanOrEqual(0.91)
  })

  it('are faces: at most one in a hundred is none', (context) => {
    if (missing !== null) context.skip(missing)
    const hit = sum('hit')
    expect(hit / (hit + sum('wrong'))).toBeGreaterThanOrEqual(0.99)
  })
})
