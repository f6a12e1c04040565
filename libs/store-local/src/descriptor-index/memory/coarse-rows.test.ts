import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coarseViewsOf, eraseCoarseRow, FACT_BYTES, roundedUp, writeCoarseRow } from './coarse-rows.ts'

const MOST_DIMENSIONS = 512
const AT = { stepsAt: 0, factsAt: MOST_DIMENSIONS }

function coarsened(values: Float32Array) {
  const views = coarseViewsOf(new SharedArrayBuffer(MOST_DIMENSIONS + FACT_BYTES))
  writeCoarseRow(views, AT, values)
  const fact = AT.factsAt / 4
  return {
    views,
    steps: [...views.steps.subarray(0, values.length)],
    scale: views.floats[fact] ?? Number.NaN,
    error: views.floats[fact + 1] ?? Number.NaN,
    bias: views.words[fact + 2] ?? Number.NaN,
  }
}

/** Unit vectors of any spread: flat, a few great values among small ones, numbers so small that float32 has no more digits. */
const aRow = fc
  .array(
    fc.oneof(fc.float({ min: -1, max: 1, noNaN: true }), fc.constantFrom(0, 1, -1, 1e-3, 1e-40, -1e-44)),
    {
      minLength: 1,
      maxLength: MOST_DIMENSIONS,
    },
  )
  .map((values) => {
    const length = Math.hypot(...values)
    return length < 1e-3 ? Float32Array.of(1) : Float32Array.from(values, (value) => value / length)
  })

describe('a coarse row', () => {
  it('states at least what its steps leave out of the row, and hardly more', () => {
    fc.assert(
      fc.property(aRow, (row) => {
        const { steps, scale, error, bias } = coarsened(row)
        const left = Math.hypot(...row.map((value, at) => value - (steps[at] ?? 0) * scale))
        expect(error).toBeGreaterThanOrEqual(left)
        expect(error).toBeLessThanOrEqual(left * 1.000001 + 1e-6)
        expect(Math.max(...steps.map(Math.abs))).toBe(127)
        expect(bias).toBe(-64 * steps.reduce((sum, step) => sum + step, 0) || 0)
      }),
      { numRuns: 300 },
    )
  })

  it('leaves out at most half a step of each value', () => {
    const row = Float32Array.from({ length: 500 }, (_, at) => Math.sin(at) / 16)
    const { steps, scale } = coarsened(row)
    for (const [at, step] of steps.entries())
      expect(Math.abs((row[at] ?? 0) - step * scale)).toBeLessThanOrEqual(0.500001 * scale)
  })

  it('is nothing but zeros once it is erased', () => {
    const { views } = coarsened(Float32Array.from({ length: 40 }, () => 0.15))
    expect(views.steps.some((byte) => byte !== 0)).toBe(true)
    eraseCoarseRow(views, AT, 40)
    expect(views.steps.some((byte) => byte !== 0)).toBe(false)
  })

  it('has its numbers rounded to float32 upwards, whatever their sign and size', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e30, max: 1e30, noNaN: true }), (value) => {
        expect(roundedUp(value)).toBeGreaterThanOrEqual(value)
        expect(Math.fround(roundedUp(value))).toBe(roundedUp(value))
      }),
    )
  })
})
