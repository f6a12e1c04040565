import type { Point } from '@semblance/core'
import type { Pixels } from '../../geometry/pixels.ts'
import type { Similarity } from '../../geometry/similarity.ts'
import { spanAt } from './convex-hull.ts'

/**
 * 1 for each pixel of a square, row by row, whose middle lies inside the picture, and 0 for the others. One flat loop: with a point
 * made for each pixel it took a twentieth of an enrollment.
 * @param toPicture takes coordinates of the square to those of the picture
 */
export function pixelsInside(
  { width, height }: Pick<Pixels, 'width' | 'height'>,
  { a, b, tx, ty }: Similarity,
  side: number,
): Uint8Array {
  // Bilinear sampling mixes in what lies outside, from half a pixel before the edge on.
  const [right, bottom] = [width - 0.5, height - 0.5]
  const inside = new Uint8Array(side * side)
  for (let row = 0, at = 0; row < side; row++) {
    for (let column = 0; column < side; column++, at++) {
      const x = a * (column + 0.5) - b * (row + 0.5) + tx
      const y = b * (column + 0.5) + a * (row + 0.5) + ty
      if (x >= 0.5 && y >= 0.5 && x <= right && y <= bottom) inside[at] = 1
    }
  }
  return inside
}

/** Of the pixels that are 1 in `among`, those whose middle lies within a convex outline, in coordinates of the square. */
export function pixelsWithin(hull: readonly Point[], among: Uint8Array, side: number): Uint8Array {
  const within = new Uint8Array(side * side)
  for (let row = 0; row < side; row++) {
    const span = spanAt(hull, row + 0.5)
    if (span === null) continue
    const first = row * side + Math.max(0, Math.ceil(span[0] - 0.5))
    const end = row * side + Math.min(side, Math.floor(span[1] - 0.5) + 1)
    if (first < end) within.set(among.subarray(first, end), first)
  }
  return within
}
