import type { Point } from '@semblance/core'

/** The corners of the smallest convex outline around the points, in order; fewer than three if they lie on a line. */
export function convexHull(points: readonly Point[]): readonly Point[] {
  const sorted = points.toSorted((one, other) => one.x - other.x || one.y - other.y)
  const lower = halfHull(sorted)
  const upper = halfHull(sorted.toReversed())
  return [...lower.slice(0, -1), ...upper.slice(0, -1)]
}

/** Walks from the leftmost point to the rightmost one (or back), turning one way only: Andrew's monotone chain. */
function halfHull(points: readonly Point[]): Point[] {
  const chain: Point[] = []
  for (const point of points) {
    for (let turn = lastTurn(chain, point); turn !== null && turn <= 0; turn = lastTurn(chain, point)) {
      chain.pop()
    }
    chain.push(point)
  }
  return chain
}

function lastTurn(chain: readonly Point[], next: Point): number | null {
  const [before, last] = chain.slice(-2)
  if (before === undefined || last === undefined) return null
  return (last.x - before.x) * (next.y - before.y) - (last.y - before.y) * (next.x - before.x)
}

/** The span in which the level line at `y` crosses a convex outline, or null if it passes by. */
export function spanAt(hull: readonly Point[], y: number): readonly [number, number] | null {
  const crossings: number[] = []
  for (const [index, one] of hull.entries()) {
    const other = hull[(index + 1) % hull.length] ?? one
    if (one.y <= y === other.y <= y) continue
    crossings.push(one.x + ((y - one.y) / (other.y - one.y)) * (other.x - one.x))
  }
  return crossings.length < 2 ? null : [Math.min(...crossings), Math.max(...crossings)]
}
