import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clipToPicture,
  iou,
  overlapOfSmaller,
  type ScoredBox,
  squareAround,
  suppressDuplicates,
} from './boxes.ts'

const box = fc.record({
  x: fc.integer({ min: -50, max: 200 }),
  y: fc.integer({ min: -50, max: 200 }),
  width: fc.integer({ min: 1, max: 150 }),
  height: fc.integer({ min: 1, max: 150 }),
})
const scoredBoxes = fc.array(fc.record({ box, score: fc.double({ min: 0, max: 1, noNaN: true }) }), {
  maxLength: 30,
})
const suppress = (boxes: readonly ScoredBox[]): ScoredBox[] =>
  suppressDuplicates(boxes, (kept, other) => iou(kept, other) > 0.5)

describe('a box clipped to a picture', () => {
  it.each([
    ['inside', [10, 20, 30, 40], [10, 20, 30, 40]],
    ['over the left and upper edge', [-10, -5, 30, 40], [0, 0, 20, 35]],
    ['over the right and lower edge', [90, 70, 30, 40], [90, 70, 10, 10]],
    ['around the picture', [-5, -5, 200, 200], [0, 0, 100, 80]],
    ['outside', [120, -50, 30, 40], [100, 0, 0, 0]],
  ] as const)('%s', (_, [x, y, width, height], clipped) => {
    const box = clipToPicture({ x, y, width, height }, { width: 100, height: 80 })
    expect([box.x, box.y, box.width, box.height]).toEqual(clipped)
  })
})

describe('boxes', () => {
  it('suppressed twice, boxes are those suppressed once', () => {
    fc.assert(
      fc.property(scoredBoxes, (boxes) => {
        const once = suppress(boxes)
        expect(suppress(once)).toEqual(once)
      }),
    )
  })

  it('each suppressed box has a kept one of at least its score on top of it', () => {
    fc.assert(
      fc.property(scoredBoxes, (boxes) => {
        const kept = suppress(boxes)
        for (const lost of boxes.filter((candidate) => !kept.includes(candidate)))
          expect(kept.some((k) => k.score >= lost.score && iou(k.box, lost.box) > 0.5)).toBe(true)
      }),
    )
  })

  it('overlap is symmetric, within 0..1, and 1 of a box with itself', () => {
    fc.assert(
      fc.property(box, box, (one, other) => {
        expect(iou(one, other)).toBe(iou(other, one))
        expect(iou(one, other)).toBeLessThanOrEqual(overlapOfSmaller(one, other))
        expect(overlapOfSmaller(one, other)).toBeLessThanOrEqual(1)
        expect(iou(one, one)).toBe(1)
      }),
    )
  })

  it('a box inside another one overlaps wholly, however small', () => {
    const outer = { x: 0, y: 0, width: 100, height: 100 }
    const inner = { x: 40, y: 40, width: 5, height: 5 }
    expect(overlapOfSmaller(outer, inner)).toBe(1)
    expect(iou(outer, inner)).toBeCloseTo(0.0025)
  })

  it('the square around a box shares its centre and its longer side', () => {
    expect(squareAround({ x: 10, y: 20, width: 30, height: 50 })).toEqual({
      x: 0,
      y: 20,
      width: 50,
      height: 50,
    })
  })
})
