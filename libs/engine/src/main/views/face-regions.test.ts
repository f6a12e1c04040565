import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { detailRegion, needsDetail, reducedRegion } from './face-regions.ts'

const picture = { width: 4000, height: 3000 }
const coordinate = fc.integer({ min: -200, max: 4200 })
const side = fc.integer({ min: 1, max: 2000 })
const box = fc.record({ x: coordinate, y: coordinate, width: side, height: side })

describe('regions around faces', () => {
  it('lie inside the picture, hold at least a pixel and are never enlarged', () => {
    fc.assert(
      fc.property(fc.array(box, { minLength: 1, maxLength: 5 }), (boxes) => {
        for (const cut of [detailRegion(boxes, picture), reducedRegion(boxes[0]!, picture)]) {
          if (cut === null) continue
          const { region, size } = cut
          expect(Math.min(region.x, region.y, size.width - 1, size.height - 1)).toBeGreaterThanOrEqual(0)
          expect(region.x + region.width).toBeLessThanOrEqual(picture.width)
          expect(region.y + region.height).toBeLessThanOrEqual(picture.height)
          expect(size.width).toBeLessThanOrEqual(region.width)
          expect(size.width * size.height).toBeLessThanOrEqual(8_000_000)
        }
      }),
    )
  })

  it('a face is decoded again only if it is small and the picture has more of it', () => {
    const face = { x: 0, y: 0, width: 150, height: 200 }
    expect(needsDetail(face, 2.5)).toBe(true)
    expect(needsDetail(face, 1.9)).toBe(false)
    expect(needsDetail({ ...face, height: 50, width: 50 }, 1)).toBe(false)
  })

  it('a large face is brought down to 176 pixels, a middling one left', () => {
    const { region, size } = reducedRegion({ x: 1500, y: 1000, width: 500, height: 700 }, picture)!
    expect((700 * size.height) / region.height).toBeCloseTo(176, 0)
    expect(reducedRegion({ x: 1500, y: 1000, width: 200, height: 230 }, picture)).toBeNull()
  })
})
