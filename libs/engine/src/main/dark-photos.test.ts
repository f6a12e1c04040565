import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cosineBetween, type Face } from '@semblance/core'
import { findSharedData, sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { tarballEngine } from '../testing/tarball-engine.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const shared = findSharedData()
const images = join(shared ?? '', 'lfw-dev/images')

const light = tarballEngine('builtin-light', { isWanted: shared !== null, open: openOnnxFaceEngine })

const CROP = { ratio: { width: 3, height: 4 }, size: null, padColor: [0, 0, 0] } as const

async function faceIn(bytes: Uint8Array): Promise<Face | null> {
  const request = { faces: 'central', effort: 'cheap', crop: CROP } as const
  const report = await light.engine.findFaces(bytes, request, { lane: 'bulk' })
  return report.outcome === 'faces' ? report.faces[0] : null
}

async function meanOf(picture: Uint8Array): Promise<number> {
  const { channels } = await sharp(picture).stats()
  return channels.reduce((sum, { mean }) => sum + mean, 0) / channels.length
}

describe.skipIf(shared === null)('a portrait with an eighth of its light', () => {
  it(
    'is found and described as the bright one, and cropped as it is',
    async (context) => {
      light.require(context)
      const people = readdirSync(images).toSorted()
      const count = sizeOf({ ci: 16, slow: 200 })
      const cosines: number[] = []
      for (let i = 0; i < count; i++) {
        const person = people[Math.floor((i * people.length) / count)]!
        const bytes = readFileSync(join(images, person, readdirSync(join(images, person)).toSorted()[0]!))
        const dark = await sharp(bytes).linear(0.12, 0).png().toBuffer()
        const [one, other] = [await faceIn(bytes), await faceIn(dark)]
        if (one === null || other === null) continue
        cosines.push(cosineBetween(one.descriptor, other.descriptor))
        expect(await meanOf(other.crop!)).toBeLessThan(0.2 * (await meanOf(one.crop!)))
      }
      expect(cosines.length).toBeGreaterThanOrEqual(0.99 * count)
      const median = cosines.toSorted((a, b) => a - b)[Math.floor(cosines.length / 2)]
      expect(median).toBeGreaterThan(0.98)
      expect(Math.min(...cosines)).toBeGreaterThan(0.8)
    },
    sizeOf({ ci: 120_000, slow: 600_000 }),
  )
})
