import { describe, expect, it } from 'vitest'
import { halfToNumber } from './tfjs-graph-model.ts'

describe('halfToNumber', () => {
  it.each([
    [0x0000, 0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0xfc00, Number.NEGATIVE_INFINITY],
  ])('reads the bits %i', (bits, expected) => {
    expect(halfToNumber(bits)).toBe(expected)
  })

  it('reads a NaN', () => {
    expect(halfToNumber(0x7e00)).toBeNaN()
  })
})
