import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FivePoints, Point } from '../ports/face-engine.ts'
import { eyeMidPoint, eyesDistance, headSize, rollOf } from './head-geometry.ts'

interface Placed {
  readonly degrees: number
  readonly scale: number
  readonly x: number
  readonly y: number
}

/** Eyes 60 apart, jaw 140 wide, chin 110 below the eyes; turned about the eyes' middle, scaled and moved. */
function aHead({ degrees, scale, x, y }: Placed): { five: FivePoints; contour: Point[] } {
  const angle = (degrees * Math.PI) / 180
  const at = (u: number, v: number): Point => ({
    x: x + scale * (u * Math.cos(angle) - v * Math.sin(angle)),
    y: y + scale * (u * Math.sin(angle) + v * Math.cos(angle)),
  })
  const contour = Array.from({ length: 68 }, () => at(0, 0))
  contour[0] = at(-70, 10)
  contour[16] = at(70, 10)
  contour[8] = at(5, 110)
  return { five: [at(-30, 0), at(30, 0), at(0, 35), at(-25, 70), at(25, 70)], contour }
}

const placed = fc.record({
  degrees: fc.integer({ min: -179, max: 179 }),
  scale: fc.double({ min: 0.1, max: 20, noNaN: true }),
  x: fc.integer({ min: -500, max: 500 }),
  y: fc.integer({ min: -500, max: 500 }),
})

describe('the geometry of a head', () => {
  it('is measured along its own axes, in proportion to its size', () => {
    fc.assert(
      fc.property(placed, (given) => {
        const { five, contour } = aHead(given)
        const size = headSize(five, contour)!
        expect(size.width / given.scale).toBeCloseTo(140, 6)
        expect(size.height / given.scale).toBeCloseTo(220, 6)
        expect(eyesDistance(five) / given.scale).toBeCloseTo(60, 6)
        expect(rollOf(five)).toBeCloseTo(given.degrees, 6)
        expect(eyeMidPoint(five).x).toBeCloseTo(given.x, 6)
        expect(eyeMidPoint(five).y).toBeCloseTo(given.y, 6)
      }),
    )
  })

  it('has no head size without the 68 points, or if the eyes coincide', () => {
    const { five, contour } = aHead({ degrees: 0, scale: 1, x: 0, y: 0 })
    expect(headSize(five, [])).toBeNull()
    expect(headSize([five[0], five[0], five[2], five[3], five[4]], contour)).toBeNull()
  })
})
