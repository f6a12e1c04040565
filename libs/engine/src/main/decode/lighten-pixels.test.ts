import { describe, expect, it } from 'vitest'
import { sharedPixels } from '../../geometry/pixels.ts'
import { gainOf, lightenPixels } from './lighten-pixels.ts'

const DARKNESS = { below: 120, to: 235 }

/** Black, but for a share of pixels of one color. */
function aPicture(share: number, color: readonly [number, number, number], side = 100) {
  const picture = sharedPixels(side, side)
  const bright = Math.round(share * side * side)
  for (let i = 0; i < bright; i++) picture.data.set(color, 3 * Math.floor((i * side * side) / bright))
  return picture
}

describe('the gain of a dark picture', () => {
  it('brings its brightest hundredth to where others begin', () => {
    expect(gainOf(aPicture(1, [10, 47, 20]), DARKNESS)).toBe(5)
    expect(gainOf(aPicture(0.02, [47, 0, 0]), DARKNESS)).toBe(5)
  })

  it('does not hang on a few bright specks', () => {
    const picture = aPicture(1, [47, 47, 47])
    picture.data.fill(255, 0, 3 * 50)
    expect(gainOf(picture, DARKNESS)).toBe(5)
  })

  it.each([
    ['is bright enough', aPicture(1, [120, 0, 0])],
    ['has one bright part', aPicture(0.02, [0, 0, 200])],
    ['shows nothing', aPicture(1, [3, 3, 3])],
    ['is black', aPicture(0, [0, 0, 0])],
  ])('is none where it %s', (_, picture) => {
    expect(gainOf(picture, DARKNESS)).toBe(1)
  })

  it('is told by a sample of a large one', () => {
    expect(gainOf(aPicture(1, [47, 10, 5], 1000), DARKNESS)).toBe(5)
  })
})

it('a lightened picture has each value times the gain, 255 at most, and the dark one stays as it was', async () => {
  const dark = aPicture(1, [10, 47, 60], 8)
  const light = await lightenPixels(dark, 5)
  expect([light.width, light.height, ...light.data.subarray(0, 3)]).toEqual([8, 8, 50, 235, 255])
  expect([...dark.data.subarray(0, 3)]).toEqual([10, 47, 60])
})
