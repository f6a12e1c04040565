import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ageRange } from './age-range.ts'

const probabilities = fc
  .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 100, maxLength: 100 })
  .filter((values) => values.some((value) => value > 0.01))
  .map((values) => Float32Array.from(values))

describe('the range of an age', () => {
  it('is in order and within the scale', () => {
    fc.assert(
      fc.property(probabilities, (values) => {
        const { from, to } = ageRange(values)
        expect(from).toBeLessThanOrEqual(to)
        expect([from, to].every((year) => Number.isInteger(year) && year >= 0 && year < 100)).toBe(true)
      }),
    )
  })

  it('holds at least half of the probability, and no more than half lies outside', () => {
    fc.assert(
      fc.property(probabilities, (values) => {
        const { from, to } = ageRange(values)
        const sum = (part: Float32Array) => part.reduce((total, value) => total + value, 0)
        expect(sum(values.subarray(from, to + 1))).toBeGreaterThanOrEqual(0.5 * sum(values) - 1e-4)
      }),
    )
  })

  it('is one year for a network that is sure', () => {
    const sure = new Float32Array(100)
    sure[42] = 1
    expect(ageRange(sure)).toEqual({ from: 42, to: 42 })
  })
})
