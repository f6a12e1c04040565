import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cosineAt, distanceOf, similarityOf } from './calibration.ts'

const operatingPoint = fc.double({ min: 0.05, max: 0.95, noNaN: true })
const cosine = fc.double({ min: -1, max: 1, noNaN: true })

describe('distance', () => {
  it('is 0 for the same descriptor, 1 at the operating point, 2 for the opposite one', () => {
    expect(distanceOf(1, 0.62)).toBe(0)
    expect(distanceOf(0.62, 0.62)).toBe(1)
    expect(distanceOf(-1, 0.62)).toBe(2)
  })

  it('falls as the cosine rises', () => {
    fc.assert(
      fc.property(operatingPoint, cosine, cosine, (point, a, b) => {
        expect(distanceOf(Math.max(a, b), point)).toBeLessThanOrEqual(distanceOf(Math.min(a, b), point))
      }),
    )
  })

  it('is undone by cosineAt', () => {
    fc.assert(
      fc.property(operatingPoint, cosine, (point, value) => {
        expect(cosineAt(distanceOf(value, point), point)).toBeCloseTo(value, 9)
      }),
    )
  })
})

describe('similarity', () => {
  it('is 1, 0.75 and 0 where the distance is 0, 1 and 2', () => {
    expect([0, 1, 2].map(similarityOf)).toEqual([1, 0.75, 0])
  })
})
