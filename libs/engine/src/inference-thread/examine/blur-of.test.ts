import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { blurOf, type LumaSquare } from './blur-of.ts'
import { exposureOf } from './exposure-of.ts'

const SIDE = 32
const luma = fc
  .array(fc.integer({ min: 0, max: 255 }), { minLength: SIDE * SIDE, maxLength: SIDE * SIDE })
  .map((values) => Float32Array.from(values))

function aSquare(values: Float32Array, counted = new Uint8Array(SIDE * SIDE).fill(1)): LumaSquare {
  return { side: SIDE, luma: values, counted }
}

/** The mean of each pixel's neighbourhood in both directions. */
function blurred(values: Float32Array, reach: number): Float32Array {
  return values.map((_, at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    let [sum, count] = [0, 0]
    for (let v = Math.max(0, y - reach); v <= Math.min(SIDE - 1, y + reach); v++) {
      for (let u = Math.max(0, x - reach); u <= Math.min(SIDE - 1, x + reach); u++, count++)
        sum += values[v * SIDE + u]!
    }
    return sum / count
  })
}

/** As Crete et al. define it, of the direction in which the next pixel is `step` further. */
function blurAlong({ luma: values, counted }: LumaSquare, step: number): number {
  const placeOf = (at: number) => (step === 1 ? at % SIDE : Math.floor(at / SIDE))
  const mean = (at: number) => {
    const place = placeOf(at)
    const [from, to] = [Math.max(0, place - 4), Math.min(SIDE - 1, place + 4)]
    let sum = 0
    for (let near = from; near <= to; near++) sum += values[at + (near - place) * step]!
    return Math.fround(sum / (to - from + 1))
  }
  let [contrast, lost] = [0, 0]
  for (let at = 0; at < SIDE * SIDE; at++) {
    if (placeOf(at) === 0 || counted[at] === 0 || counted[at - step] === 0) continue
    const difference = Math.abs(values[at]! - values[at - step]!)
    contrast += difference
    lost += Math.max(0, difference - Math.abs(mean(at) - mean(at - step)))
  }
  return (contrast - lost) / contrast
}

describe('blur', () => {
  it('lies between 0 and 1 and grows when a picture is blurred', () => {
    fc.assert(
      fc.property(luma, (values) => {
        const before = blurOf(aSquare(values))!
        const after = blurOf(aSquare(blurred(values, 3)))!
        expect(before).toBeGreaterThanOrEqual(0)
        expect(after).toBeLessThanOrEqual(1)
        expect(after).toBeGreaterThan(before)
      }),
      { numRuns: 30 },
    )
  })

  it('does not depend on brightness or contrast', () => {
    fc.assert(
      fc.property(luma, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (values, factor) => {
        const dimmed = values.map((value) => value * factor + 10)
        expect(blurOf(aSquare(dimmed))!).toBeCloseTo(blurOf(aSquare(values))!, 3)
      }),
      { numRuns: 30 },
    )
  })

  it('is low for fine checks and high for a slope', () => {
    const checks = Float32Array.from(
      { length: SIDE * SIDE },
      (_, at) => ((at + Math.floor(at / SIDE)) % 2) * 255,
    )
    const slope = Float32Array.from(
      { length: SIDE * SIDE },
      (_, at) => 4 * (at % SIDE) + 2 * Math.floor(at / SIDE),
    )
    expect(blurOf(aSquare(checks))!).toBeLessThan(0.2)
    expect(blurOf(aSquare(slope))!).toBeGreaterThan(0.85)
  })

  it('is what the definition says, pixel by pixel', () => {
    const some = fc.uint8Array({ minLength: SIDE * SIDE, maxLength: SIDE * SIDE, max: 1 })
    fc.assert(
      fc.property(luma, some, (values, counted) => {
        const square = aSquare(values, counted)
        expect(blurOf(square)).toBe(Math.max(blurAlong(square, 1), blurAlong(square, SIDE)))
      }),
      { numRuns: 30 },
    )
  })

  it('cannot be told of one colour, or where nothing counts', () => {
    const even = new Float32Array(SIDE * SIDE).fill(7)
    const noise = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (at * 7919) % 256)
    expect(blurOf(aSquare(even))).toBeNull()
    expect(blurOf(aSquare(noise, new Uint8Array(SIDE * SIDE)))).toBeNull()
  })
})

describe('exposure', () => {
  it('is the share of counted pixels at either end of the scale', () => {
    fc.assert(
      fc.property(luma, fc.integer({ min: 1, max: SIDE * SIDE }), (values, count) => {
        const counted = new Uint8Array(SIDE * SIDE).fill(1, 0, count)
        const seen = [...values.subarray(0, count)]
        const { dark, light } = exposureOf({ luma: values, counted })!
        expect(dark).toBeCloseTo(seen.filter((value) => value <= 25).length / count, 10)
        expect(light).toBeCloseTo(seen.filter((value) => value >= 247).length / count, 10)
      }),
    )
  })

  it('cannot be told where nothing counts', () => {
    expect(exposureOf({ luma: new Float32Array(4), counted: new Uint8Array(4) })).toBeNull()
  })
})
