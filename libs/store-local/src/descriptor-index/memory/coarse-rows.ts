/** Scale and error (float32) and bias (i32), one row after the other. */
export const FACT_BYTES = 12

/** Whole numbers of a coarse row reach from minus this to this. */
const MOST_STEPS = 127

/** float32 rounds by at most half this share of a value. */
const SHARE = 2 ** -23
/** Far above what float32 cannot tell from zero, and far below any value that counts. */
const LEAST = 2 ** -100

/**
 * Views on one chunk's memory, by which coarse rows are written. A coarse row is its row in whole steps of `scale`.
 * `error` is at least the length of what the steps leave out, so no probe's product with that exceeds the probe's length times
 * `error`: Cauchy and Schwarz have it so, whatever the row and however it was rounded. `bias` makes up for the 64
 * that coarse probes have added to each value, and is -64 times the sum of the steps.
 */
export interface CoarseViews {
  readonly steps: Int8Array
  readonly words: Int32Array
  readonly floats: Float32Array
}

export function coarseViewsOf(buffer: SharedArrayBuffer): CoarseViews {
  return { steps: new Int8Array(buffer), words: new Int32Array(buffer), floats: new Float32Array(buffer) }
}

/** Byte addresses of a coarse row and of the first of its facts. */
export interface CoarsePlace {
  readonly stepsAt: number
  readonly factsAt: number
}

export function writeCoarseRow(
  { steps, words, floats }: CoarseViews,
  { stepsAt, factsAt }: CoarsePlace,
  values: Float32Array,
): void {
  const scale = Math.fround(largestOf(values) / MOST_STEPS)
  const perScale = scale > LEAST ? 1 / scale : 0
  let sum = 0
  let squares = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    // Rounds to the nearest whole number. Math.round would do the same, in twice the time.
    const step = ((value * perScale + (MOST_STEPS + 1.5)) | 0) - (MOST_STEPS + 1)
    const left = value - step * scale
    steps[stepsAt + i] = step
    sum += step
    squares += left * left
  }
  const fact = factsAt / 4
  floats[fact] = scale
  floats[fact + 1] = roundedUp(Math.sqrt(squares))
  words[fact + 2] = -64 * sum
}

/** Writes zeros: a free row, which only a search for everything nominates. */
export function eraseCoarseRow(
  { steps, words }: CoarseViews,
  { stepsAt, factsAt }: CoarsePlace,
  dimensions: number,
): void {
  steps.fill(0, stepsAt, stepsAt + dimensions)
  words.fill(0, factsAt / 4, (factsAt + FACT_BYTES) / 4)
}

/** A float32 that is at least the given number, which may itself be a rounded sum of float64s. */
export function roundedUp(value: number): number {
  return Math.fround(value + Math.abs(value) * SHARE + LEAST)
}

/** The greatest of the values' sizes. */
export function largestOf(values: Float32Array): number {
  let largest = 0
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? 0)
    if (size > largest) largest = size
  }
  return largest
}
