import type { ChipMeasures } from '@semblance/core'
import { DARK_TO, LIGHT_FROM } from '../examine/exposure-of.ts'
import { lumaOf } from '../pixels/luma-of.ts'

/** Rows of the face in which the eyes and the mouth lie, as shares of the chip's height, in the ArcFace template. */
const EYE_ROWS = [0.36, 0.56] as const
const MOUTH_ROWS = [0.72, 0.92] as const
/** Columns that lie on the face at any turn that is described, and its outline seldom. */
const COLUMNS = [0.2, 0.8] as const
/** Rows in which a bar or a mask may lie. Of one of 13 rows, so many in the middle see nothing else in their wider mean. */
const COVERED_ROWS = [0.27, 0.96] as const
const BAR_ROWS = 5
/** A pixel is flat if it differs by less from the mean of the nine around it, and that from a wider mean; of 255. Skin does not. */
const FLAT_BELOW = 1

/**
 * Sums over the chip that a recognizer reads. Its pixels are at hand and few, so that this costs a tenth of a millisecond.
 * @param planes RGB 0..255 of one chip, plane by plane
 */
export function measureChip(planes: Float32Array, side: number): ChipMeasures {
  const luma = lumaOf(planes, side * side)
  const [from, to] = COLUMNS.map((share) => Math.round(share * side)) as [number, number]
  const rows = (range: readonly [number, number]) => range.map((share) => Math.round(share * side))
  const region = (range: readonly [number, number]) => {
    const [top = 0, bottom = side] = rows(range)
    return { side, left: from, right: to, top, bottom }
  }
  const face = region([COLUMNS[0], MOUTH_ROWS[1]])
  const { mean, deviation, dark, light } = exposureIn(luma, face)
  const soft = softened(luma, side, 1)
  const softer = softened(soft, side, 3)
  const scale = Math.max(deviation, 1)
  const fine = meanDifference(luma, soft, face)
  const coarse = meanDifference(soft, softer, face)
  return {
    mean: mean / 255,
    deviation: deviation / 255,
    dark,
    light,
    fine: fine / scale,
    coarse: coarse / scale,
    eyes: meanDifference(soft, softer, region(EYE_ROWS)) / Math.max(coarse, 0.1),
    mouth: meanDifference(soft, softer, region(MOUTH_ROWS)) / Math.max(coarse, 0.1),
    flat: flattestRows({ luma, soft, softer }, region(COVERED_ROWS)),
  }
}

interface Region {
  readonly side: number
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

function exposureIn(luma: Float32Array, { side, left, right, top, bottom }: Region) {
  let [count, sum, squares, dark, light] = [0, 0, 0, 0, 0]
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const value = luma[y * side + x] ?? 0
      count++
      sum += value
      squares += value * value
      if (value <= DARK_TO) dark++
      if (value >= LIGHT_FROM) light++
    }
  const mean = sum / count
  const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean))
  return { mean, deviation, dark: dark / count, light: light / count }
}

function meanDifference(one: Float32Array, other: Float32Array, region: Region): number {
  const { side, left, right, top, bottom } = region
  let sum = 0
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = y * side + x
      sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0))
    }
  return sum / ((bottom - top) * (right - left))
}

/** Of the rows that lie together and are the flattest: the share of their pixels that are flat. */
function flattestRows(
  {
    luma,
    soft,
    softer,
  }: { readonly luma: Float32Array; readonly soft: Float32Array; readonly softer: Float32Array },
  { side, left, right, top, bottom }: Region,
): number {
  const counts: number[] = []
  let [sum, most] = [0, 0]
  for (let y = top; y < bottom; y++) {
    let count = 0
    for (let x = left; x < right; x++) {
      const at = y * side + x
      const middle = soft[at] ?? 0
      const isFlat =
        Math.abs((luma[at] ?? 0) - middle) < FLAT_BELOW && Math.abs(middle - (softer[at] ?? 0)) < FLAT_BELOW
      if (isFlat) count++
    }
    sum += count - (counts[counts.length - BAR_ROWS] ?? 0)
    counts.push(count)
    if (counts.length >= BAR_ROWS) most = Math.max(most, sum)
  }
  return most / (BAR_ROWS * (right - left))
}

/** Each pixel the mean of the square around it, so many pixels to each side; at the edge, of those that there are. */
function softened(luma: Float32Array, side: number, reach: number): Float32Array {
  return meanAlong(meanAlong(luma, { side, reach, step: 1 }), { side, reach, step: side })
}

function meanAlong(
  luma: Float32Array,
  { side, reach, step }: { readonly side: number; readonly reach: number; readonly step: number },
): Float32Array {
  const means = new Float32Array(luma.length)
  const lineStep = step === 1 ? side : 1
  for (let line = 0; line < side; line++) {
    const start = line * lineStep
    let sum = 0
    let count = 0
    for (let index = 0; index < Math.min(reach, side); index++) {
      sum += luma[start + index * step] ?? 0
      count++
    }
    for (let index = 0; index < side; index++) {
      if (index + reach < side) {
        sum += luma[start + (index + reach) * step] ?? 0
        count++
      }
      if (index - reach > 0) {
        sum -= luma[start + (index - reach - 1) * step] ?? 0
        count--
      }
      means[start + index * step] = sum / count
    }
  }
  return means
}
