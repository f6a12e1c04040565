import fc from 'fast-check'
import { expect, it } from 'vitest'
import { applySimilarity } from '../../geometry/similarity.ts'
import { convexHull, spanAt } from './convex-hull.ts'
import { pixelsInside, pixelsWithin } from './pixels-that-count.ts'

const SIDE = 24
const MIDDLES = Array.from({ length: SIDE * SIDE }, (_, at) => ({
  x: (at % SIDE) + 0.5,
  y: Math.floor(at / SIDE) + 0.5,
}))

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const size = fc.record({ width: fc.integer({ min: 1, max: 60 }), height: fc.integer({ min: 1, max: 60 }) })
const place = fc.record({ a: real(-3, 3), b: real(-3, 3), tx: real(-30, 60), ty: real(-30, 60) })
/** Often on the middle of a pixel, or halfway between two. */
const coordinate = fc.oneof(
  real(-9, SIDE + 9),
  fc.integer({ min: -9, max: 2 * SIDE + 9 }).map((half) => half / 2),
)
const outline = fc.array(fc.record({ x: coordinate, y: coordinate }), { maxLength: 12 })
const some = fc.uint8Array({ minLength: SIDE * SIDE, maxLength: SIDE * SIDE, max: 1 })

it('inside a picture are pixels whose middle lies half a pixel from its edges at least', () => {
  fc.assert(
    fc.property(size, place, (picture, toPicture) => {
      const expected = MIDDLES.map((middle) => {
        const { x, y } = applySimilarity(toPicture, middle)
        return Number(x >= 0.5 && y >= 0.5 && x <= picture.width - 0.5 && y <= picture.height - 0.5)
      })
      expect([...pixelsInside(picture, toPicture, SIDE)]).toEqual(expected)
    }),
  )
})

it('within an outline are those of the given pixels whose middle lies within its span of their row', () => {
  fc.assert(
    fc.property(outline, some, (points, among) => {
      const hull = convexHull(points)
      const expected = MIDDLES.map(({ x, y }, at) => {
        const span = spanAt(hull, y)
        return span !== null && span[0] <= x && x <= span[1] ? among[at] : 0
      })
      expect([...pixelsWithin(hull, among, SIDE)]).toEqual(expected)
    }),
  )
})
