import type { Point } from '@semblance/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applySimilarity,
  composeSimilarities,
  fitSimilarity,
  invertSimilarity,
  type Similarity,
  scaleOf,
  similarityOfParts,
} from './similarity.ts'

const coordinate = fc.double({ min: -2000, max: 2000, noNaN: true })
const point = fc.record({ x: coordinate, y: coordinate })
const similarity = fc
  .record({
    scale: fc.double({ min: 0.05, max: 20, noNaN: true }),
    radians: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    tx: coordinate,
    ty: coordinate,
  })
  .map(similarityOfParts)

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}

describe('similarities', () => {
  it('aligned and aligned back, points are where they were', () => {
    fc.assert(
      fc.property(similarity, point, (map, at) => {
        const back = applySimilarity(invertSimilarity(map), applySimilarity(map, at))
        expect(distance(back, at)).toBeLessThan(1e-6)
      }),
    )
  })

  it('the fit finds the very map that moved the points', () => {
    const far = fc.tuple(point, point, point).filter(([a, b]) => distance(a, b) > 1)
    fc.assert(
      fc.property(similarity, far, (map, points) => {
        const moved = points.map((at) => applySimilarity(map, at))
        const fitted = fitSimilarity(points, moved)
        for (const at of points)
          expect(distance(applySimilarity(fitted, at), applySimilarity(map, at))).toBeLessThan(1e-5)
      }),
    )
  })

  it('no small change of the fit brings the points nearer to their targets', () => {
    const from = [at(0, 0), at(10, 0), at(0, 10), at(7, 9)]
    const to = [at(1, 2), at(9, 4), at(-2, 13), at(5, 9)]
    const best = fitSimilarity(from, to)
    const changes: Partial<Similarity>[] = [
      { a: 0.01 },
      { a: -0.01 },
      { b: 0.01 },
      { b: -0.01 },
      { tx: 0.1 },
      { ty: -0.1 },
    ]
    for (const change of changes) {
      const other = {
        a: best.a + (change.a ?? 0),
        b: best.b + (change.b ?? 0),
        tx: best.tx + (change.tx ?? 0),
        ty: best.ty + (change.ty ?? 0),
      }
      expect(squaredError(best, from, to)).toBeLessThan(squaredError(other, from, to))
    }
  })

  it('composed, they act one after the other', () => {
    fc.assert(
      fc.property(similarity, similarity, point, (outer, inner, at) => {
        const once = applySimilarity(composeSimilarities(outer, inner), at)
        expect(distance(once, applySimilarity(outer, applySimilarity(inner, at)))).toBeLessThan(1e-6)
      }),
    )
  })

  it('coinciding points fit to scale 0, which has no inverse', () => {
    const collapsed = fitSimilarity([at(1, 1), at(1, 1)], [at(0, 0), at(5, 5)])
    expect(scaleOf(collapsed)).toBe(0)
    expect(() => invertSimilarity(collapsed)).toThrow(RangeError)
  })
})

function at(x: number, y: number): Point {
  return { x, y }
}

function squaredError(map: Similarity, from: readonly Point[], to: readonly Point[]): number {
  return from.reduce((sum, point, i) => sum + distance(applySimilarity(map, point), to[i]!) ** 2, 0)
}
