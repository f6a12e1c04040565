import type { Box, Point } from '@semblance/core'

/** Share of a convex outline's area that lies outside a box, 0..1; 0 for an outline without area. */
export function shareOutside(outline: readonly Point[], box: Box): number {
  const whole = areaOf(outline)
  if (whole <= 0) return 0
  const share = 1 - areaOf(clip(outline, box)) / whole
  // What rounding leaves of a frame that lies wholly inside is no padding.
  return share < 1e-9 ? 0 : Math.min(1, share)
}

/** Sutherland and Hodgman: what is left after each of the four sides. */
function clip(outline: readonly Point[], { x, y, width, height }: Box): readonly Point[] {
  const sides: readonly ((point: Point) => number)[] = [
    (point) => point.x - x,
    (point) => x + width - point.x,
    (point) => point.y - y,
    (point) => y + height - point.y,
  ]
  return sides.reduce<readonly Point[]>(clipBySide, outline)
}

/** @param depth how far inside a point lies; negative outside */
function clipBySide(outline: readonly Point[], depth: (point: Point) => number): readonly Point[] {
  return outline.flatMap((from, index) => {
    const to = outline[(index + 1) % outline.length] ?? from
    const [start, end] = [depth(from), depth(to)]
    const kept = start >= 0 ? [from] : []
    if (start >= 0 === end >= 0) return kept
    const at = start / (start - end)
    return [...kept, { x: from.x + at * (to.x - from.x), y: from.y + at * (to.y - from.y) }]
  })
}

function areaOf(outline: readonly Point[]): number {
  const doubled = outline.reduce((sum, from, index) => {
    const to = outline[(index + 1) % outline.length] ?? from
    return sum + from.x * to.y - to.x * from.y
  }, 0)
  return Math.abs(doubled) / 2
}
