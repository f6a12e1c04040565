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

/** Each row of the region is read once: averaged along itself, then shared out over the rows that it reaches into. */
function averageRows(picture: Pixels, region: Box, { bytes, canvas }: Output): void {
  const { filled } = canvas
  const spans = spansOf(region.width, filled.width)
  const ratio = region.height / filled.height
  const row = new Float32Array(filled.width * 3)
  const sums = new Float32Array(filled.width * 3)
  let out = 0
  for (let y = 0; y < region.height; y++) {
    averageAlong(picture.data, { at: ((region.y + y) * picture.width + region.x) * 3, spans }, row)
    const end = (out + 1) * ratio
    const here = Math.min(1, end - y)
    for (let i = 0; i < row.length; i++) sums[i] = (sums[i] ?? 0) + here * (row[i] ?? 0)
    if (y + 1 < end - 1e-6 && y + 1 < region.height) continue
    const at = out * canvas.width * 3
    for (let i = 0; i < row.length; i++) {
      bytes[at + i] = Math.round((sums[i] ?? 0) / ratio)
      sums[i] = (1 - here) * (row[i] ?? 0)
    }
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
    first[x] = Math.floor(left + 1e-6)
    last[x] = Math.min(inputs - 1, Math.max(first[x] ?? 0, Math.ceil(right - 1e-6) - 1))
    firstWeight[x] = Math.min(right, (first[x] ?? 0) + 1) - left
    lastWeight[x] = right - Math.max(left, last[x] ?? 0)
  }
  return { first, last, firstWeight, lastWeight, ratio }
}

/** The inner loop of every look of the detector: whole columns are added up as integers. */
function averageAlong(
  data: Uint8Array,
  { at, spans }: { readonly at: number; readonly spans: Spans },
  row: Float32Array,
): void {
  const { first, last, firstWeight, lastWeight, ratio } = spans
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    const from = at + (first[x] ?? 0) * 3
    const end = at + (last[x] ?? 0) * 3
    let red = 0
    let green = 0
    let blue = 0
    for (let i = from + 3; i < end; i += 3) {
      red += data[i] ?? 0
      green += data[i + 1] ?? 0
      blue += data[i + 2] ?? 0
    }
    const begin = firstWeight[x] ?? 0
    const rest = end === from ? 0 : (lastWeight[x] ?? 0)
    row[to] = (red + begin * (data[from] ?? 0) + rest * (data[end] ?? 0)) / ratio
    row[to + 1] = (green + begin * (data[from + 1] ?? 0) + rest * (data[end + 1] ?? 0)) / ratio
    row[to + 2] = (blue + begin * (data[from + 2] ?? 0) + rest * (data[end + 2] ?? 0)) / ratio
  }
}
