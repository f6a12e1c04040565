/** Brightness of a square, row by row, 0..255, and which of its pixels count (not 0). */
export interface LumaSquare {
  readonly side: number
  readonly luma: Float32Array
  readonly counted: Uint8Array
}

/** Pixels on each side of the mean that the picture is blurred with for comparison: nine in all. */
const REACH = 4

/**
 * Crete, Dolmiere, Ladret and Nicolas, "The blur effect" (SPIE 6492, 2007): how little the differences between
 * neighbours suffer from one more blurring, 0 for a sharp picture to 1 for one that blurring changes no more; the worse
 * of both directions. Null where no counted pixel differs from its neighbour.
 */
export function blurOf(square: LumaSquare): number | null {
  const across = blurAlong(square, 1)
  const down = blurAlong(square, square.side)
  return across === null || down === null ? null : Math.max(across, down)
}

/** @param step from a pixel to the next one in the direction looked at: 1 or the side */
function blurAlong({ side, luma, counted }: LumaSquare, step: number): number | null {
  const blurred = meanAlong({ side, luma }, step)
  let contrast = 0
  let lost = 0
  for (let line = 0; line < side; line++) {
    const start = step === 1 ? line * side : line
    for (let index = 1; index < side; index++) {
      const at = start + index * step
      if (counted[at] === 0 || counted[at - step] === 0) continue
      const difference = Math.abs((luma[at] ?? 0) - (luma[at - step] ?? 0))
      const after = Math.abs((blurred[at] ?? 0) - (blurred[at - step] ?? 0))
      contrast += difference
      lost += Math.max(0, difference - after)
    }
  }
  return contrast === 0 ? null : (contrast - lost) / contrast
}

/** Each pixel's mean with its neighbours along a line; at the ends, of those that there are. */
function meanAlong({ side, luma }: Pick<LumaSquare, 'side' | 'luma'>, step: number): Float32Array {
  const means = new Float32Array(luma.length)
  for (let line = 0; line < side; line++) {
    const start = step === 1 ? line * side : line
    for (let index = 0; index < side; index++) {
      const from = Math.max(0, index - REACH)
      const to = Math.min(side - 1, index + REACH)
      let sum = 0
      for (let near = from; near <= to; near++) sum += luma[start + near * step] ?? 0
      means[start + index * step] = sum / (to - from + 1)
    }
  }
  return means
}
