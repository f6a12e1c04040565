import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../geometry/pixels.ts'
import { resizeArea } from './resize-area.ts'

function aNoisyPicture(width: number, height: number): Pixels {
  return {
    data: Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7919) % 251),
    width,
    height,
  }
}

describe('area resize', () => {
  it('at the same size copies the region to the top left and leaves the rest black', () => {
    const picture = aNoisyPicture(5, 4)
    const canvas = { width: 4, height: 3, filled: { width: 2, height: 2 } }
    const bytes = resizeArea(picture, { x: 3, y: 2, width: 2, height: 2 }, canvas)
    const from = (2 * 5 + 3) * 3
    expect([...bytes.subarray(0, 6)]).toEqual([...picture.data.subarray(from, from + 6)])
    expect([...bytes.subarray(6, 12)]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...bytes.subarray(24)]).toEqual(Array(12).fill(0))
  })

  it('keeps one color one color at any size', () => {
    const size = fc.integer({ min: 1, max: 40 })
    fc.assert(
      fc.property(fc.tuple(size, size), fc.tuple(size, size), ([width, height], [w, h]) => {
        const picture = { data: new Uint8Array(width * height * 3).fill(93), width, height }
        const filled = { width: Math.min(w, width), height: Math.min(h, height) }
        const bytes = resizeArea(picture, { x: 0, y: 0, width, height }, { ...filled, filled })
        expect(bytes.every((value) => value === 93)).toBe(true)
      }),
    )
  })

  it('keeps the mean brightness', () => {
    const picture = aNoisyPicture(97, 61)
    const filled = { width: 31, height: 20 }
    const bytes = resizeArea(picture, { x: 0, y: 0, width: 97, height: 61 }, { ...filled, filled })
    expect(mean(bytes)).toBeCloseTo(mean(picture.data), 0)
  })

  it('halves by averaging two by two', () => {
    const picture: Pixels = {
      data: Uint8Array.from([0, 0, 0, 100, 100, 100, 20, 20, 20, 40, 40, 40]),
      width: 2,
      height: 2,
    }
    const bytes = resizeArea(
      picture,
      { x: 0, y: 0, width: 2, height: 2 },
      { width: 1, height: 1, filled: { width: 1, height: 1 } },
    )
    expect([...bytes]).toEqual([40, 40, 40])
  })
})

function mean(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
