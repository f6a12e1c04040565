import type { Box } from '@semblance/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { shareOutside } from './share-outside.ts'

const BOX = { x: 0, y: 0, width: 100, height: 80 }

function rectangle({ x, y, width, height }: Box) {
  return [
    { x, y },
    { x: x + width, y },
    { x: x + width, y: y + height },
    { x, y: y + height },
  ]
}

const coordinate = fc.integer({ min: -300, max: 300 })
const side = fc.integer({ min: 1, max: 200 })

describe('the share of an outline outside a box', () => {
  it('is that of the areas, for upright rectangles', () => {
    fc.assert(
      fc.property(fc.record({ x: coordinate, y: coordinate, width: side, height: side }), (box) => {
        const { x, y, width, height } = box
        const shared = (from: number, length: number, limit: number) =>
          Math.max(0, Math.min(from + length, limit) - Math.max(from, 0))
        const inside = shared(x, width, BOX.width) * shared(y, height, BOX.height)
        expect(shareOutside(rectangle(box), BOX)).toBeCloseTo(1 - inside / (width * height), 8)
      }),
    )
  })

  it('is between none and all for a turned square, and its other half is the rest', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 359 }), (degrees) => {
        const turn = (degrees * Math.PI) / 180
        const corners = [0, 1, 2, 3].map((corner) => ({
          x: 20 * Math.cos(turn + (corner * Math.PI) / 2),
          y: 40 + 20 * Math.sin(turn + (corner * Math.PI) / 2),
        }))
        // The box's left side runs through the square's middle.
        expect(shareOutside(corners, BOX)).toBeCloseTo(0.5, 8)
      }),
    )
  })

  it('is nothing inside, everything outside, and nothing of an outline without area', () => {
    expect(shareOutside(rectangle({ x: 10, y: 10, width: 50, height: 50 }), BOX)).toBe(0)
    expect(shareOutside(rectangle({ x: 200, y: 0, width: 50, height: 50 }), BOX)).toBe(1)
    expect(shareOutside([{ x: 500, y: 500 }], BOX)).toBe(0)
  })
})
