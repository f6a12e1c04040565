import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../../geometry/pixels.ts'
import { cropSquare } from './crop-square.ts'

function aPicture(width: number, height: number, color: (x: number, y: number) => number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < width * height; i++)
    data.fill(color(i % width, Math.floor(i / width)), 3 * i, 3 * i + 3)
  return { data, width, height }
}

function crop(picture: Pixels, box: { x: number; y: number; width: number; height: number }, side: number) {
  const planes = new Float32Array(3 * side * side)
  cropSquare(picture, box, { side, planes, offset: 0 })
  return planes
}

describe('a square crop', () => {
  it('of the size of the crop is a copy', () => {
    const picture = aPicture(6, 5, (x, y) => 10 * y + x)
    expect([...crop(picture, { x: 2, y: 1, width: 2, height: 2 }, 2).subarray(0, 4)]).toEqual([
      12, 13, 22, 23,
    ])
  })

  it('is the mean of what each value covers', () => {
    const picture = aPicture(4, 4, (x, y) => 10 * y + x)
    expect([...crop(picture, { x: 0, y: 0, width: 4, height: 4 }, 2).subarray(0, 4)]).toEqual([
      5.5, 7.5, 25.5, 27.5,
    ])
  })

  it('is black outside, and so by half where a value is half outside', () => {
    const picture = aPicture(4, 4, () => 200)
    const planes = crop(picture, { x: -1, y: 0, width: 4, height: 4 }, 2)
    expect([...planes.subarray(0, 4)]).toEqual([100, 200, 100, 200])
    expect(Math.max(...crop(picture, { x: 9, y: 0, width: 4, height: 4 }, 2))).toBe(0)
  })

  it('is around the centre of the box, as wide as the longer side', () => {
    const picture = aPicture(8, 8, (x) => x)
    const [left, right] = crop(picture, { x: 3, y: 0, width: 2, height: 8 }, 2)
    expect([left, right]).toEqual([1.5, 5.5])
  })

  it('has the mean of the picture at any scale, from specks to enlargements', () => {
    const picture = aPicture(40, 40, (x, y) => (x * 7 + y * 13) % 256)
    const mean = picture.data.reduce((sum, value) => sum + value, 0) / picture.data.length
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 97 }), (side) => {
        const planes = crop(picture, { x: 0, y: 0, width: 40, height: 40 }, side)
        expect(planes.reduce((sum, value) => sum + value, 0) / planes.length).toBeCloseTo(mean, 1)
      }),
    )
  })

  it('of a box that is no box is black', () => {
    const picture = aPicture(4, 4, () => 200)
    expect(Math.max(...crop(picture, { x: 1, y: 1, width: Number.NaN, height: 2 }, 2))).toBe(0)
    expect(Math.max(...crop(picture, { x: 1, y: 1, width: 0, height: 0 }, 2))).toBe(0)
  })
})
