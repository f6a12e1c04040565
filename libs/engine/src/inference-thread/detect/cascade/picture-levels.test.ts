import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedPixels } from '../../../geometry/pixels.ts'
import { levelAt, levelFor, levelsOf, scaleBox } from './picture-levels.ts'

const side = fc.integer({ min: 1, max: 700 })

describe('the picture of a look', () => {
  it('has whole steps, and the picture in its proportions at the top left', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(160, 320, 640), (width, height, longest) => {
        const picture = sharedPixels(width, height)
        const { pixels, size } = levelAt(levelsOf(picture, picture), longest)
        expect([pixels.width % 32, pixels.height % 32]).toEqual([0, 0])
        expect(pixels.data).toHaveLength(pixels.width * pixels.height * 3)
        expect(Math.max(size.width, size.height)).toBe(
          Math.max(128, Math.min(longest, Math.max(width, height))),
        )
        expect(pixels.width - size.width).toBeLessThan(32)
        expect(Math.abs(size.width / size.height - width / height) * size.height).toBeLessThan(
          1 + width / height,
        )
      }),
      { numRuns: 30 },
    )
  })

  it('is made of the smaller of two that are large enough', () => {
    const [picture, preview] = [sharedPixels(800, 400), sharedPixels(400, 200)]
    preview.data.fill(90)
    expect(levelAt(levelsOf(picture, preview), 320).pixels.data[0]).toBe(90)
    expect(levelAt(levelsOf(picture, preview), 640).pixels.data[0]).toBe(0)
  })
})

describe('the pixels that a crop is cut from', () => {
  const levels = levelsOf(sharedPixels(1600, 800), sharedPixels(640, 320))

  it('are the smallest ones of which the crop has enough', () => {
    const large = levelFor(levels, { x: 100, y: 50, width: 300, height: 400 }, 24)
    expect(large.pixels.width).toBe(640)
    expect(large.box).toEqual({ x: 40, y: 20, width: 120, height: 160 })
    const small = levelFor(levels, { x: 100, y: 50, width: 30, height: 40 }, 24)
    expect(small).toEqual({ pixels: levels[0].pixels, box: { x: 100, y: 50, width: 30, height: 40 } })
  })
})

it('a box goes to another level and back', () => {
  const box = { x: 1, y: 2, width: 3, height: 4 }
  const [one, other] = [
    { width: 10, height: 20 },
    { width: 30, height: 40 },
  ]
  expect(scaleBox(scaleBox(box, { from: one, to: other }), { from: other, to: one })).toEqual(box)
})
