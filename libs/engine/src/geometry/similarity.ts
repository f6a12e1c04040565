import type { Point } from '@semblance/core'

/**
 * Turn, uniform scale and shift without mirroring: (x, y) goes to (a*x - b*y + tx, b*x + a*y + ty).
 * Coordinates are continuous throughout the engine: pixel i covers i to i+1, its centre is i+0.5.
 */
export interface Similarity {
  readonly a: number
  readonly b: number
  readonly tx: number
  readonly ty: number
}

export function similarityOfParts(parts: {
  readonly scale: number
  readonly radians: number
  readonly tx: number
  readonly ty: number
}): Similarity {
  const { scale, radians, tx, ty } = parts
  return { a: scale * Math.cos(radians), b: scale * Math.sin(radians), tx, ty }
}

/** Takes a square of `side` to one around a centre, enlarged by `scale` and turned clockwise (y points down). */
export function similarityAround(
  centre: Point,
  { scale, radians, side }: { readonly scale: number; readonly radians: number; readonly side: number },
): Similarity {
  const turn = similarityOfParts({ scale, radians, tx: 0, ty: 0 })
  const middle = applySimilarity(turn, { x: side / 2, y: side / 2 })
  return { ...turn, tx: centre.x - middle.x, ty: centre.y - middle.y }
}

/**
 * The similarity that takes `from` to `to` with the smallest sum of squared distances (Umeyama without reflection;
 * in the plane it is a complex linear regression). At least two distinct points; for coinciding ones the scale is 0.
 */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const source = centroid(from)
  const target = centroid(to)
  let dot = 0
  let cross = 0
  let spread = 0
  for (const [i, point] of from.entries()) {
    const goal = to[i]
    if (goal === undefined) throw new RangeError('as many target points as source points are needed')
    const x = point.x - source.x
    const y = point.y - source.y
    const u = goal.x - target.x
    const v = goal.y - target.y
    dot += x * u + y * v
    cross += x * v - y * u
    spread += x * x + y * y
  }
  const a = spread === 0 ? 0 : dot / spread
  const b = spread === 0 ? 0 : cross / spread
  return { a, b, tx: target.x - a * source.x + b * source.y, ty: target.y - b * source.x - a * source.y }
}

export function applySimilarity(map: Similarity, point: Point): Point {
  return {
    x: map.a * point.x - map.b * point.y + map.tx,
    y: map.b * point.x + map.a * point.y + map.ty,
  }
}

/** Throws RangeError for scale 0, which cannot be undone. */
export function invertSimilarity(map: Similarity): Similarity {
  const norm = map.a * map.a + map.b * map.b
  if (norm === 0) throw new RangeError('a similarity of scale 0 has no inverse')
  const a = map.a / norm
  const b = -map.b / norm
  return { a, b, tx: -(a * map.tx - b * map.ty), ty: -(b * map.tx + a * map.ty) }
}

/** First `inner`, then `outer`. */
export function composeSimilarities(outer: Similarity, inner: Similarity): Similarity {
  const shift = applySimilarity(outer, { x: inner.tx, y: inner.ty })
  return {
    a: outer.a * inner.a - outer.b * inner.b,
    b: outer.a * inner.b + outer.b * inner.a,
    tx: shift.x,
    ty: shift.y,
  }
}

export function scaleOf(map: Similarity): number {
  return Math.hypot(map.a, map.b)
}

export function centroid(points: readonly Point[]): Point {
  let x = 0
  let y = 0
  for (const point of points) {
    x += point.x
    y += point.y
  }
  const count = Math.max(1, points.length)
  return { x: x / count, y: y / count }
}
