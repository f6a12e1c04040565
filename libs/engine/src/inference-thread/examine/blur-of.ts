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
  const across = blurAcross(square)
  const down = blurAcross(onItsSide(square))
  return across === null || down === null ? null : Math.max(across, down)
}

function blurAcross({ side, luma, counted }: LumaSquare): number | null {
  const blurred = meansAcross({ side, luma })
  let contrast = 0
  let lost = 0
  for (let row = 0; row < side; row++) {
    for (let at = row * side + 1, end = (row + 1) * side; at < end; at++) {
      if (counted[at] === 0 || counted[at - 1] === 0) continue
      const difference = Math.abs((luma[at] ?? 0) - (luma[at - 1] ?? 0))
      const after = Math.abs((blurred[at] ?? 0) - (blurred[at - 1] ?? 0))
      contrast += difference
      if (after < difference) lost += difference - after
    }
  }
  return contrast === 0 ? null : (contrast - lost) / contrast
}

/** Each pixel's mean with its neighbours in its row; at the ends, of those that there are. */
function meansAcross({ side, luma }: Pick<LumaSquare, 'side' | 'luma'>): Float32Array {
  const means = new Float32Array(luma.length)
  for (let row = 0; row < side; row++) {
    const start = row * side
    for (let column = 0; column < side; column++) {
      const at = start + column
      const hasAll = column >= REACH && column + REACH < side
      means[at] = hasAll ? meanOfNine(luma, at) : meanFrom(luma, at, { start, end: start + side })
    }
  }
  return means
}

/** Written out, it takes a third of the time of a loop. */
function meanOfNine(luma: Float32Array, at: number): number {
  const before = (luma[at - 4] ?? 0) + (luma[at - 3] ?? 0) + (luma[at - 2] ?? 0) + (luma[at - 1] ?? 0)
  return (
    (before +
      (luma[at] ?? 0) +
      (luma[at + 1] ?? 0) +
      (luma[at + 2] ?? 0) +
      (luma[at + 3] ?? 0) +
      (luma[at + 4] ?? 0)) /
    9
  )
}

function meanFrom(
  luma: Float32Array,
  at: number,
  { start, end }: { readonly start: number; readonly end: number },
): number {
  const [from, to] = [Math.max(start, at - REACH), Math.min(end, at + REACH + 1)]
  let sum = 0
  for (let near = from; near < to; near++) sum += luma[near] ?? 0
  return sum / (to - from)
}

/** Columns as rows. */
function onItsSide({ side, luma, counted }: LumaSquare): LumaSquare {
  const turned = { side, luma: new Float32Array(luma.length), counted: new Uint8Array(counted.length) }
  for (let row = 0, from = 0; row < side; row++) {
    for (let column = 0; column < side; column++, from++) {
      const to = column * side + row
      turned.luma[to] = luma[from] ?? 0
      turned.counted[to] = counted[from] ?? 0
    }
  }
  return turned
}
