import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Box, ExaminedFace, Point } from '@semblance/core'
import { findSharedData, sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { areaOf, iou } from '../geometry/boxes.ts'
import { tarballEngine } from '../testing/tarball-engine.ts'
import { readTruth } from '../testing/true-faces.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const shared = findSharedData()
const photos = join(shared ?? '', 'photos')
const images = join(shared ?? '', 'lfw-dev/images')

const light = tarballEngine('builtin-light', { isWanted: shared !== null, open: openOnnxFaceEngine })

async function facesIn(bytes: Uint8Array, faces: 'central' | 'all'): Promise<readonly ExaminedFace[]> {
  const nothing = { crop: null, measurePixels: false, needsFaceCount: false, attributes: [] } as const
  const report = await light.engine.examineFaces(bytes, { faces, ...nothing }, { lane: 'bulk' })
  return report.outcome === 'faces' ? report.faces : []
}

/** Parts of photos where nobody saw a face: objects, clothes, hands, animals, streets. */
async function partsOfPhotos(): Promise<Buffer[]> {
  const parts: Buffer[] = []
  for (const [path, marked] of readTruth(photos)) {
    const bytes = readFileSync(join(photos, path))
    const { width, height } = await sharp(bytes).metadata()
    const side = Math.floor(Math.min(width, height) / 3)
    // A face may reach beyond its box, and one that is cut in half is one.
    const faces = marked.filter(({ box }) => areaOf(box) > 0).map(({ box }) => grown(box, 0.5))
    for (let top = 0; top + side <= height; top += side) {
      for (let left = 0; left + side <= width; left += side) {
        const part = { x: left, y: top, width: side, height: side }
        if (faces.every((face) => iou(face, part) === 0))
          parts.push(await sharp(bytes).extract({ left, top, width: side, height: side }).png().toBuffer())
      }
    }
  }
  return parts
}

/** Both ears, and the upper corners of the picture, of photos that show one face. */
async function partsOfPortraits(photosOfPeople: readonly string[]): Promise<Buffer[]> {
  const parts: Buffer[] = []
  for (const path of photosOfPeople) {
    const bytes = readFileSync(path)
    const { width, height } = await sharp(bytes).metadata()
    const [face, ...others] = await facesIn(bytes, 'all')
    if (face === undefined || others.length > 0 || face.contour === null) continue
    const ear = Math.round(0.45 * face.box.width)
    // The jaw line begins and ends at the ears.
    const ears = [face.contour[0], face.contour[16]].map((at, i) => squareAt(at!, i === 0 ? -ear : ear, ear))
    const corner = Math.round(0.3 * width)
    const corners = [0, width - corner].map((x) => ({ x, y: 0, width: corner, height: corner }))
    for (const part of [...ears, ...corners.filter((one) => iou(one, grown(face.box, 0.3)) === 0)]) {
      const { x: left, y: top, ...size } = part
      const isInside = left >= 0 && top >= 0 && left + size.width <= width && top + size.height <= height
      if (isInside)
        parts.push(
          await sharp(bytes)
            .extract({ left, top, ...size })
            .png()
            .toBuffer(),
        )
    }
  }
  return parts
}

/** A square beside a point, most of it on the side of `shift`. */
function squareAt({ x, y }: Point, shift: number, side: number): Box {
  return {
    x: Math.round(x + 0.35 * shift - side / 2),
    y: Math.round(y - side / 2),
    width: side,
    height: side,
  }
}

function grown({ x, y, width, height }: Box, share: number): Box {
  const [more, higher] = [share * width, share * height]
  return { x: x - more, y: y - higher, width: width + 2 * more, height: height + 2 * higher }
}

function evenly<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all]
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
}

describe.skipIf(shared === null)('what is no face', () => {
  it(
    'is not taken for one: ears, backgrounds, textures, objects',
    async (context) => {
      light.require(context)
      const people = readdirSync(images).toSorted()
      const portraits = evenly(people, sizeOf({ ci: 12, slow: 200 })).map((person) => {
        const [photo = ''] = readdirSync(join(images, person)).toSorted()
        return join(images, person, photo)
      })
      const parts = [
        ...evenly(await partsOfPhotos(), sizeOf({ ci: 30, slow: 250 })),
        ...(await partsOfPortraits(portraits)),
      ]
      expect(parts.length).toBeGreaterThanOrEqual(sizeOf({ ci: 50, slow: 500 }))
      let [central, every] = [0, 0]
      for (const part of parts) {
        central += (await facesIn(part, 'central')).length
        every += (await facesIn(part, 'all')).length
      }
      expect(central).toBe(0)
      expect(every).toBeLessThanOrEqual(2)
    },
    sizeOf({ ci: 180_000, slow: 900_000 }),
  )
})
