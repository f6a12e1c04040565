import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cosineBetween, type Face } from '@semblance/core'
import { findSharedData } from '@semblance/testkit'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { iou } from '../geometry/boxes.ts'
import { tarballEngine } from '../testing/tarball-engine.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const shared = findSharedData()
const images = join(shared ?? '', 'lfw-dev/images')

const light = tarballEngine('builtin-light', { isWanted: shared !== null, open: openOnnxFaceEngine })

/** With two and a half times their light, nobody is found in them as they are. */
const PEOPLE = ['Annette_Lu', 'Bono', 'Christopher_Reeve', 'Harvey_Fierstein', 'Melissa_Etheridge']

async function faceIn(bytes: Uint8Array): Promise<Face | null> {
  const request = { faces: 'central', effort: 'rich', crop: null } as const
  const report = await light.engine.findFaces(bytes, request, { lane: 'bulk' })
  return report.outcome === 'faces' ? report.faces[0] : null
}

describe.skipIf(shared === null)(
  'a portrait with so much light that hardly anything is left of its colors',
  () => {
    it.each(PEOPLE)('is found by what is left, and described alike each time: %s', async (person) => {
      const bytes = readFileSync(join(images, person, `${person}_0001.jpg`))
      const glaring = await sharp(bytes).linear(2.5, 0).png().toBuffer()
      const [one, other] = [await faceIn(bytes), await faceIn(glaring)]
      expect(one?.isDimmed).toBeUndefined()
      expect(other?.isDimmed).toBe(true)
      expect(iou(one!.box, other!.box)).toBeGreaterThan(0.4)
      const again = await light.engine.describeFace(
        glaring,
        { face: other!, effort: 'rich' },
        { lane: 'bulk' },
      )
      expect(cosineBetween(again, other!.descriptor)).toBeGreaterThan(0.999)
    }, 60_000)

    it('is not looked for in a white picture in vain: nothing is found', async () => {
      const white = await sharp({ create: { width: 800, height: 600, channels: 3, background: 'white' } })
        .png()
        .toBuffer()
      expect(await faceIn(white)).toBeNull()
    }, 60_000)
  },
)
