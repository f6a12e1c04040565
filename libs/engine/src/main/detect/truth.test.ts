import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findSharedData } from '@semblance/testkit'
import { beforeAll, describe, expect, it } from 'vitest'
import { tarballEngine } from '../../testing/tarball-engine.ts'
import { compareFaces, type FaceCount, readTruth, recallOf } from '../../testing/true-faces.ts'
import { openOnnxFaceEngine } from '../open-onnx-face-engine.ts'

const shared = findSharedData()
const photos = join(shared ?? '', 'photos')
if (shared === null) process.emitWarning('skipped: which faces are found in photos, because there are none')

describe.skipIf(shared === null)('the faces of 43 photos', () => {
  const counts: FaceCount[] = []
  const full = tarballEngine('builtin@2', { isWanted: true, open: openOnnxFaceEngine })

  beforeAll(async () => {
    if (full.missing !== null) return
    const request = {
      faces: 'all',
      crop: null,
      measurePixels: false,
      needsFaceCount: false,
      attributes: [],
    } as const
    for (const [path, truth] of readTruth(photos)) {
      const report = await full.engine.examineFaces(readFileSync(join(photos, path)), request, {
        lane: 'bulk',
      })
      counts.push(compareFaces(report.outcome === 'faces' ? report.faces.map(({ box }) => box) : [], truth))
    }
  }, 120_000)

  const sum = (key: keyof FaceCount): number => counts.reduce((all, one) => all + one[key], 0)

  it('are found: all of up to nine in a picture, and most of a crowd', (context) => {
    full.require(context)
    expect(recallOf(counts.filter((count) => count.true <= 9))).toBe(1)
    expect(recallOf(counts.filter((count) => count.true >= 10))).toBeGreaterThanOrEqual(0.91)
    expect(recallOf(counts)).toBeGreaterThanOrEqual(0.94)
  })

  it('are faces: at most one in a hundred is none', (context) => {
    full.require(context)
    const hit = sum('hit')
    expect(hit / (hit + sum('wrong'))).toBeGreaterThanOrEqual(0.99)
  })
})
