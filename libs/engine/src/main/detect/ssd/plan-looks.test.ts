import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planLooks } from './plan-looks.ts'

const longest = 512
const side = fc.integer({ min: 1, max: 1600 })

describe('planned looks', () => {
  it('never enlarge, and lie inside the picture', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        const preview = { width: Math.min(width, 512), height: Math.min(height, 512) }
        const { fine, coarse, tiles } = planLooks({ width, height }, preview, longest)
        for (const { region, size } of [fine, coarse, ...tiles]) {
          expect(size.width).toBeLessThanOrEqual(region.width)
          expect(size.height).toBeLessThanOrEqual(region.height)
          expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(longest)
          expect(Math.min(region.x, region.y, size.width - 1, size.height - 1)).toBeGreaterThanOrEqual(0)
          expect(region.x + region.width).toBeLessThanOrEqual(width)
          expect(region.y + region.height).toBeLessThanOrEqual(height)
        }
      }),
    )
  })

  it('look at a small picture at its own size and at half of it', () => {
    const { fine, coarse } = planLooks({ width: 250, height: 200 }, { width: 250, height: 200 }, longest)
    expect([fine, coarse].map(({ size }) => size)).toEqual([
      { width: 250, height: 200 },
      { width: 125, height: 100 },
    ])
  })

  it('cut no tiles from small pictures', () => {
    expect(planLooks({ width: 640, height: 640 }, { width: 512, height: 512 }, longest).tiles).toEqual([])
  })

  it('cover a large picture with tiles, neighbours sharing at least 128 pixels', () => {
    fc.assert(
      fc.property(fc.integer({ min: 641, max: 1600 }), side, (width, height) => {
        const { tiles } = planLooks({ width, height }, { width: 1, height: 1 }, longest)
        const columns = [...new Set(tiles.map(({ region }) => region.x))].toSorted(
          (one, other) => one - other,
        )
        expect(columns[0]).toBe(0)
        expect(columns.at(-1)! + 512).toBe(width)
        for (const [index, x] of columns.slice(1).entries())
          expect(columns[index]! + 512 - x).toBeGreaterThanOrEqual(127)
      }),
    )
  })
})
