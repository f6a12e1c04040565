import type { Box } from '@semblance/core'
import type { Pixels } from '../../geometry/pixels.ts'

export interface Canvas {
  /** The size of the whole canvas; what the picture does not cover stays black. */
  readonly width: number
  readonly height: number
  /** The size of the resized region, at the top left of the canvas. */
  readonly filled: { readonly width: number; readonly height: number }
}

/**
 * A region of whole pixels inside the picture, averaged down to the top left of a black canvas, as interleaved bytes.
 * Never enlarges: with `filled` as large as the region it is a copy.
 */
export function resizeArea(picture: Pixels, region: Box, canvas: Canvas): Uint8Array {
  const bytes = new Uint8Array(canvas.width * canvas.height * 3)
  const { filled } = canvas
  if (filled.width === region.width && filled.height === region.height)
    copyRows(picture, region, { bytes, canvas })
  else averageRows(picture, region, { bytes, canvas })
  return bytes
}

interface Output {
  readonly bytes: Uint8Array
  readonly canvas: Canvas
}

function copyRows(picture: Pixels, region: Box, { bytes, canvas }: Output): void {
  for (let y = 0; y < region.height; y++) {
    const from = ((region.y + y) * picture.width + region.x) * 3
    bytes.set(picture.data.subarray(from, from + region.width * 3), y * canvas.width * 3)
  }
}

/**
 * Each row of the region is read once: added to the sums of the rows that it reaches into, which are then averaged along
 * themselves. Rows are added up first because that loop is the simplest: it takes half the time of the other order.
 */
function averageRows(picture: Pixels, region: Box, { bytes, canvas }: Output): void {
  const { filled } = canvas
  const spans = spansOf(region.width, filled.width)
  const ratio = region.height / filled.height
  const sums = new Float32Array(region.width * 3)
  let out = 0
  for (let y = 0; y < region.height; y++) {
    const from = ((region.y + y) * picture.width + region.x) * 3
    const row = picture.data.subarray(from, from + sums.length)
    const end = (out + 1) * ratio
    const here = Math.min(1, end - y)
    // Three at a time, which takes two thirds of the time of one after the other.
    for (let i = 0; i < sums.length; i += 3) {
      sums[i] = (sums[i] ?? 0) + here * (row[i] ?? 0)
      sums[i + 1] = (sums[i + 1] ?? 0) + here * (row[i + 1] ?? 0)
      sums[i + 2] = (sums[i + 2] ?? 0) + here * (row[i + 2] ?? 0)
    }
    if (y + 1 < end - 1e-6 && y + 1 < region.height) continue
    averageAlong(sums, { spans, area: spans.ratio * ratio }, bytes.subarray(out * canvas.width * 3))
    for (let i = 0; i < sums.length; i++) sums[i] = (1 - here) * (row[i] ?? 0)
    out++
  }
}

/** The input columns that each output column covers: first and last, and how much of each. */
interface Spans {
  readonly first: Int32Array
  readonly last: Int32Array
  readonly firstWeight: Float32Array
  readonly lastWeight: Float32Array
  readonly ratio: number
}

function spansOf(inputs: number, outputs: number): Spans {
  const ratio = inputs / outputs
  const first = new Int32Array(outputs)
  const last = new Int32Array(outputs)
  const firstWeight = new Float32Array(outputs)
  const lastWeight = new Float32Array(outputs)
  for (let x = 0; x < outputs; x++) {
    const [left, right] = [x * ratio, Math.min(inputs, (x + 1) * ratio)]
    const begin = Math.floor(left + 1e-6)
    const end = Math.min(inputs - 1, Math.max(begin, Math.ceil(right - 1e-6) - 1))
    first[x] = begin
    last[x] = end
    firstWeight[x] = Math.min(right, begin + 1) - left
    lastWeight[x] = end === begin ? 0 : right - Math.max(left, end)
  }
  return { first, last, firstWeight, lastWeight, ratio }
}

/** Writes one row of the canvas: means over `area` pixels, to the nearest whole number. */
function averageAlong(
  sums: Float32Array,
  { spans, area }: { readonly spans: Spans; readonly area: number },
  row: Uint8Array,
): void {
  const { first, last, firstWeight, lastWeight } = spans
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    const from = (first[x] ?? 0) * 3
    const end = (last[x] ?? 0) * 3
    const begin = firstWeight[x] ?? 0
    const rest = lastWeight[x] ?? 0
    let red = begin * (sums[from] ?? 0) + rest * (sums[end] ?? 0)
    let green = begin * (sums[from + 1] ?? 0) + rest * (sums[end + 1] ?? 0)
    let blue = begin * (sums[from + 2] ?? 0) + rest * (sums[end + 2] ?? 0)
    for (let i = from + 3; i < end; i += 3) {
      red += sums[i] ?? 0
      green += sums[i + 1] ?? 0
      blue += sums[i + 2] ?? 0
    }
    row[to] = red / area + 0.5
    row[to + 1] = green / area + 0.5
    row[to + 2] = blue / area + 0.5
  }
}
