import fc from 'fast-check'
import { expect, it } from 'vitest'
import { boxAsItWas, type Quarters, stepsOf, turnedSize, turnOf } from './quarters.ts'

const quarters = fc.constantFrom<Quarters>(0, 1, 2, 3)
const side = fc.integer({ min: 1, max: 9 })
const size = fc.record({ width: side, height: side })

it('a pixel of the turned picture and the box around it are at the same place of the picture', () => {
  fc.assert(
    fc.property(size, quarters, size, (picture, turn, place) => {
      const turned = turnedSize(picture, turn)
      const [x, y] = [place.width % turned.width, place.height % turned.height]
      const row = picture.width + 3
      const { at, alongX, alongY } = stepsOf(picture, row, turn)
      const pixel = at + x * alongX + y * alongY
      const box = boxAsItWas({ x, y, width: 1, height: 1 }, picture, turn)
      expect(box).toEqual({ x: pixel % row, y: Math.floor(pixel / row), width: 1, height: 1 })
    }),
  )
})

it('a face that is turned clockwise has its top at the right', () => {
  const top = boxAsItWas({ x: 2, y: 0, width: 4, height: 1 }, { width: 10, height: 8 }, 1)
  expect(top).toEqual({ x: 9, y: 2, width: 1, height: 4 })
})

it('quarters are those next to the angle', () => {
  const quartersOf = (degrees: number) => turnOf(degrees).quarters
  expect([0, 44, 46, 90, -90, 180, -180, 270].map(quartersOf)).toEqual([0, 0, 1, 1, 3, 2, 2, 3])
})

it('what is left of an angle beyond its quarters is told to the nearest eighth of a turn', () => {
  const tilts = [0, 20, 25, 44, 46, 60, 80, 90, -30, -60, 175].map((degrees) => turnOf(degrees).tilt)
  expect(tilts.map(Math.abs)).toEqual([0, 0, 45, 45, 45, 45, 0, 0, 45, 45, 0])
  for (const degrees of [0, 20, 44, 46, 80, -30, -60, 175, -179]) {
    const { quarters, tilt } = turnOf(degrees)
    const rest = ((((degrees - 90 * quarters - tilt) % 360) + 540) % 360) - 180
    expect(Math.abs(rest)).toBeLessThanOrEqual(22.5)
  }
})
