import type { CropRequest, FivePoints } from '@semblance/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySimilarity, invertSimilarity } from '../../geometry/similarity.ts'
import { cropFrame } from './crop-frame.ts'

const RATIOS = [
  { width: 3, height: 4 },
  { width: 4, height: 5 },
  { width: 2, height: 3 },
  { width: 1, height: 1 },
  { width: 7, height: 9 },
]

function aRequest(request: Partial<CropRequest> = {}): CropRequest {
  return { ratio: { width: 3, height: 4 }, size: null, padColor: [0, 0, 0], ...request }
}

/** Eyes `distance` apart around the origin, turned clockwise. */
function aFace(distance: number, degrees = 0): FivePoints {
  const turn = (x: number, y: number): { x: number; y: number } => {
    const angle = (degrees * Math.PI) / 180
    return {
      x: distance * (x * Math.cos(angle) - y * Math.sin(angle)),
      y: distance * (x * Math.sin(angle) + y * Math.cos(angle)),
    }
  }
  return [turn(-0.5, 0), turn(0.5, 0), turn(0, 0.6), turn(-0.4, 1.155), turn(0.4, 1.155)]
}

describe('the frame of a crop', () => {
  it('has the eyes level, a quarter of the width apart, in 3:4', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -179, max: 179 }),
        fc.integer({ min: 5, max: 300 }),
        (degrees, distance) => {
          const face = aFace(distance, degrees)
          const { toPicture, width, height } = cropFrame(
            face,
            aRequest({ size: { width: 300, height: 400 } }),
          )
          const [left, right] = face.map((point) => applySimilarity(invertSimilarity(toPicture), point))
          expect([width, height]).toEqual([300, 400])
          expect(left!.x).toBeCloseTo(112.5, 3)
          expect(right!.x).toBeCloseTo(187.5, 3)
          expect(left!.y).toBeCloseTo(180, 3)
          expect(right!.y).toBeCloseTo(180, 3)
        },
      ),
    )
  })

  it.each(RATIOS)('of $width:$height has that proportion at its own size', (ratio) => {
    const { width, height } = cropFrame(aFace(60), aRequest({ ratio }))
    expect(height).toBe(320)
    expect(Math.abs(width - (height * ratio.width) / ratio.height)).toBeLessThanOrEqual(0.5)
  })

  it('takes a size whose proportion is within one per cent and leaves any other', () => {
    const sized = (width: number, height: number): number =>
      cropFrame(aFace(60), aRequest({ size: { width, height } })).width
    expect(sized(303, 400)).toBe(303)
    expect(sized(305, 400)).toBe(240)
    expect(sized(400, 300)).toBe(240)
  })

  it('leaves a size that would fill the memory', () => {
    const { width } = cropFrame(aFace(60), aRequest({ size: { width: 30_000, height: 40_000 } }))
    expect(width).toBe(240)
  })

  it('keeps its scale in profile, where the eyes draw together', () => {
    const profile: FivePoints = [
      { x: -5, y: 0 },
      { x: 5, y: 0 },
      { x: 20, y: 36 },
      { x: -4, y: 69.3 },
      { x: 4, y: 69.3 },
    ]
    expect(cropFrame(profile, aRequest()).height).toBe(320)
  })
})
