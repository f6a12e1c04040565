import type { Box } from '@semblance/core'
import { squareAround } from '../../../geometry/boxes.ts'
import type { Pixels } from '../../../geometry/pixels.ts'

/** The place of a crop: red plane, green plane, blue plane, each `side` rows of `side` values 0..255. */
export interface CropTarget {
  readonly side: number
  readonly planes: Float32Array
  /** The position of the red plane's first value. */
  readonly offset: number
}

/**
 * Fills a crop with the square around a box: each value is the mean of the picture over the area that it covers, black
 * outside. A pixel of the picture is a square of one color, so that enlarging needs no other rule.
 */
export function cropSquare(picture: Pixels, box: Box, target: CropTarget): void {
  const { side, planes, offset } = target
  planes.fill(0, offset, offset + 3 * side * side)
  const square = squareAround(box)
  const scale = square.width / side
  if (!(scale > 0)) return
  const columns = stretchesOf(square.x, scale, { count: side, limit: picture.width })
  const rows = stretchesOf(square.y, scale, { count: side, limit: picture.height })
  const mean = new Float32Array(3 * side)
  for (let y = rows.begin; y < rows.end; y++) {
    averageRow(picture, { y, columns, scale }, mean)
    shareRow(mean, { y, top: square.y, scale }, target)
  }
}

/** The stretches of one axis that the values of a crop cover, cut off at the picture's edges. */
interface Stretches {
  readonly from: Float64Array
  readonly to: Float64Array
  /** The pixels that any of them covers. */
  readonly begin: number
  readonly end: number
}

function stretchesOf(
  start: number,
  scale: number,
  { count, limit }: { readonly count: number; readonly limit: number },
): Stretches {
  const from = new Float64Array(count)
  const to = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    from[i] = Math.min(limit, Math.max(0, start + i * scale))
    to[i] = Math.min(limit, Math.max(0, start + (i + 1) * scale))
  }
  return { from, to, begin: Math.floor(from[0] ?? 0), end: Math.ceil(to[count - 1] ?? 0) }
}

/** The inner loop of every crop: one row of the picture, averaged along itself. Most pixels count whole. */
function averageRow(
  { data, width }: Pixels,
  { y, columns, scale }: { readonly y: number; readonly columns: Stretches; readonly scale: number },
  mean: Float32Array,
): void {
  const { from, to } = columns
  const row = y * width
  for (let i = 0, out = 0; i < from.length; i++, out += 3) {
    const [left, right] = [from[i] ?? 0, to[i] ?? 0]
    const first = Math.floor(left)
    const last = Math.ceil(right) - 1
    let at = (row + first) * 3
    let share = Math.min(first + 1, right) - left
    let red = share * (data[at] ?? 0)
    let green = share * (data[at + 1] ?? 0)
    let blue = share * (data[at + 2] ?? 0)
    const end = (row + last) * 3
    for (at += 3; at < end; at += 3) {
      red += data[at] ?? 0
      green += data[at + 1] ?? 0
      blue += data[at + 2] ?? 0
    }
    if (last > first) {
      share = right - last
      red += share * (data[end] ?? 0)
      green += share * (data[end + 1] ?? 0)
      blue += share * (data[end + 2] ?? 0)
    }
    mean[out] = red / scale
    mean[out + 1] = green / scale
    mean[out + 2] = blue / scale
  }
}

/** Adds a row to the crop's rows that cover it, by the share of each that it fills. */
function shareRow(
  mean: Float32Array,
  { y, top, scale }: { readonly y: number; readonly top: number; readonly scale: number },
  { side, planes, offset }: CropTarget,
): void {
  const area = side * side
  const first = Math.max(0, Math.floor((y - top) / scale))
  for (let row = first; row < side && top + row * scale < y + 1; row++) {
    const covered = Math.min(y + 1, top + (row + 1) * scale) - Math.max(y, top + row * scale)
    const share = covered / scale
    if (share <= 0) continue
    for (let x = 0, from = 0, at = offset + row * side; x < side; x++, from += 3, at++) {
      planes[at] = (planes[at] ?? 0) + share * (mean[from] ?? 0)
      planes[at + area] = (planes[at + area] ?? 0) + share * (mean[from + 1] ?? 0)
      planes[at + 2 * area] = (planes[at + 2 * area] ?? 0) + share * (mean[from + 2] ?? 0)
    }
  }
}
