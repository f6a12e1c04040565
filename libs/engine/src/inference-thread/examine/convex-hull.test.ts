import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { convexHull, spanAt } from './convex-hull.ts'

const coordinate = fc.integer({ min: -1000, max: 1000 })
const points = fc.array(fc.record({ x: coordinate, y: coordinate }), { minLength: 3, maxLength: 40 })

describe('the outline around points', () => {
  it('holds every point, and its corners are among them', () => {
    fc.assert(
      fc.property(points, (given) => {
        const hull = convexHull(given)
        for (const corner of hull) expect(given).toContainEqual(corner)
        for (const { x, y } of given) {
          for (const [index, from] of hull.entries()) {
            const to = hull[(index + 1) % hull.length]!
            const turn = (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x)
            expect(turn).toBeGreaterThanOrEqual(0)
          }
        }
      }),
    )
  })

  it('stays the same if it is taken again', () => {
    fc.assert(
      fc.property(points, (given) => {
        expect(convexHull(convexHull(given))).toEqual(convexHull(given))
      }),
    )
  })

  it('is crossed by a level line from its left side to its right side', () => {
    const square = convexHull([
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 10 },
      { x: 0, y: 10 },
      { x: 5, y: 5 },
    ])
    expect(square).toHaveLength(4)
    expect(spanAt(square, 4.5)).toEqual([0, 10])
    expect(spanAt(square, 11)).toBeNull()
    expect(spanAt([], 0)).toBeNull()
  })
})
