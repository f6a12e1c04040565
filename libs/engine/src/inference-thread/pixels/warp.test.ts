import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Pixels } from '../../geometry/pixels.ts'
import type { Similarity } from '../../geometry/similarity.ts'
import { shrinkRegion, warpToBytes, warpToPlanes } from './warp.ts'

const IDENTITY: Similarity = { a: 1, b: 0, tx: 0, ty: 0 }

function aPicture(width: number, height: number, color: (x: number, y: number) => number): Pixels {
  const data = new Uint8Array(width * height * 3)
  for (let at = 0; at < width * height; at++) {
    const value = color(at % width, Math.floor(at / width))
    data.set([value, 255 - value, value >> 1], at * 3)
  }
  return { data, width, height }
}

describe('warp', () => {
  it('by identity is exact, byte for byte', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        fc.infiniteStream(fc.nat(255)),
        (width, height, values) => {
          const data = Uint8Array.from({ length: width * height * 3 }, () => values.next().value as number)
          const warped = warpToBytes({ data, width, height }, IDENTITY, {
            width,
            height,
            padColor: [9, 9, 9],
          })
          expect(warped).toEqual(data)
        },
      ),
    )
  })

  it('writes red, green and blue planes one after another, from the offset on', () => {
    const picture: Pixels = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), width: 2, height: 1 }
    const planes = new Float32Array(8).fill(7)
    warpToPlanes(picture, IDENTITY, { width: 2, height: 1, planes, offset: 1 })
    expect([...planes]).toEqual([7, 1, 4, 2, 5, 3, 6, 7])
  })

  it('between two pixels takes their mean', () => {
    const picture = aPicture(4, 1, (x) => x * 10)
    const warped = warpToBytes(
      picture,
      { a: 1, b: 0, tx: 0.5, ty: 0 },
      { width: 3, height: 1, padColor: [0, 0, 0] },
    )
    expect([warped[0], warped[3], warped[6]]).toEqual([5, 15, 25])
  })

  it('a quarter turn moves rows to columns', () => {
    const picture = aPicture(3, 2, (x, y) => 10 * x + 100 * y)
    // Chip (x, y) shows picture (y, 2 - x): turned clockwise.
    const warped = warpToBytes(
      picture,
      { a: 0, b: -1, tx: 0, ty: 2 },
      { width: 2, height: 3, padColor: [0, 0, 0] },
    )
    expect(Array.from({ length: 6 }, (_, at) => warped[at * 3])).toEqual([100, 0, 110, 10, 120, 20])
  })

  it('fourfold shrinking averages what it covers instead of skipping pixels', () => {
    const checks = aPicture(64, 64, (x, y) => ((x + y) % 2 === 0 ? 0 : 200))
    const warped = warpToBytes(
      checks,
      { a: 4, b: 0, tx: 0, ty: 0 },
      { width: 16, height: 16, padColor: [0, 0, 0] },
    )
    for (let at = 0; at < warped.length; at += 3) expect(warped[at]).toBe(100)
  })

  it('shows the pad color outside the picture', () => {
    const picture = aPicture(2, 2, () => 50)
    const warped = warpToBytes(
      picture,
      { a: 1, b: 0, tx: -2, ty: 0 },
      { width: 4, height: 2, padColor: [255, 0, 9] },
    )
    expect([...warped.subarray(0, 3)]).toEqual([255, 0, 9])
    expect([...warped.subarray(6, 9)]).toEqual([50, 205, 25])
  })
})

describe('shrunk regions', () => {
  it('average blocks, and their map leads to the same place', () => {
    const picture = aPicture(40, 40, (x) => (x < 20 ? 0 : 200))
    const { part, toPart } = shrinkRegion(picture, { x: 10, y: 10, width: 20, height: 20 }, 2)
    expect([part.width, part.height]).toEqual([10, 10])
    expect([part.data[0], part.data[9 * 3]]).toEqual([0, 200])
    expect(toPart.a * 20 + toPart.tx).toBe(5)
  })

  it('stay inside the picture', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30, max: 30 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 2, max: 7 }),
        (x, width, factor) => {
          const picture = aPicture(17, 13, () => 77)
          const { part } = shrinkRegion(picture, { x, y: x, width, height: width }, factor)
          expect(part.data.filter((_, at) => at % 3 === 0).every((red) => red === 77)).toBe(true)
        },
      ),
    )
  })
})
