import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cosineBetween, type Face, type FaceEngine } from '@semblance/core'
import { findSharedData } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { openPack } from '../packs/open-pack.ts'
import { manifestOf, missingTarball } from '../testing/tarball-networks.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const MODELS = join(import.meta.dirname, '../../../../models')
const shared = findSharedData()
const EXAMPLES = 'photos/ageitgey-face_recognition/examples'
const PACKS = ['builtin-light', 'builtin@2']

let engine: FaceEngine | null = null

afterEach(() => engine?.close())

async function central(photo: string): Promise<Face> {
  const bytes = await readFile(join(shared ?? '', EXAMPLES, photo))
  const request = { faces: 'central', effort: 'rich', crop: null } as const
  const report = await engine!.findFaces(bytes, request, { lane: 'search' })
  if (report.outcome !== 'faces') throw new Error(report.outcome)
  return report.faces[0]
}

describe.skipIf(shared === null).each(PACKS)('the pack %s', (packId) => {
  it('tells one person from another, by a descriptor that is joined as it says', async (context) => {
    const missing = await missingTarball(packId)
    if (missing !== null) context.skip(missing)
    const manifest = manifestOf(packId)
    const pack = await openPack({ packsFolder: MODELS, modelsFolder: join(MODELS, '.cache'), packId })
    const limits = { maxPixels: 50_000_000, maxFaces: 64 }
    engine = await openOnnxFaceEngine({ pack, threads: 1, limits, observe: () => {} })
    const [one, again, other] = [
      await central('obama.jpg'),
      await central('obama2.jpg'),
      await central('biden.jpg'),
    ]
    expect(one.descriptor.packId).toBe(`${manifest.id}@${manifest.version}`)
    expect(one.descriptor.values).toHaveLength(manifest.descriptorLength)
    expect(Math.hypot(...one.descriptor.values)).toBeCloseTo(1, 5)
    for (const { landmarkDisagreement } of [one, again, other]) expect(landmarkDisagreement).toBeLessThan(0.1)
    const point = engine.calibration.richRich
    expect(cosineBetween(one.descriptor, again.descriptor)).toBeGreaterThan(point)
    expect(cosineBetween(one.descriptor, other.descriptor)).toBeLessThan(point)
    // The parts of the join, by their weights.
    const squares = manifest.recognizers.map(({ weight }) => weight ** 2)
    const whole = squares.reduce((sum, square) => sum + square, 0)
    let from = 0
    for (const [i, { features, projection }] of manifest.recognizers.entries()) {
      const to = from + (projection?.outputs ?? features)
      const part = one.descriptor.values.subarray(from, to)
      expect(Math.hypot(...part) ** 2).toBeCloseTo(squares[i]! / whole, 1)
      from = to
    }
  }, 60_000)
})
