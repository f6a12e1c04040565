import type { Box } from '@semblance/core'
import type { Pixels } from './pixels.ts'

export interface Canvas {
  /** Of the whole canvas; what the picture does not cover stays black. */
  readonly width: number
  readonly height: number
  /** Of the resized region, at the top left of the canvas. */
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

function averageRows(picture: Pixels, region: Box, { bytes, canvas }: Output): void {
  const { width, height } = canvas.filled
  const ratio = region.height / height
  const sums = new Float32Array(region.width * 3)
  for (let y = 0; y < height; y++) {
    sums.fill(0)
    const end = Math.min(region.height, (y + 1) * ratio)
    for (let row = Math.floor(y * ratio); row < end - 1e-6; row++) {
      const weight = (Math.min(end, row + 1) - Math.max(y * ratio, row)) / ratio
      addRow(picture, { at: ((region.y + row) * picture.width + region.x) * 3, weight }, sums)
    }
    averageColumns(sums, { count: width, ratio: region.width / width }, bytes.subarray(y * canvas.width * 3))
  }
}

function addRow(
  picture: Pixels,
  row: { readonly at: number; readonly weight: number },
  sums: Float32Array,
): void {
  const { data } = picture
  const { at, weight } = row
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + weight * (data[at + i] ?? 0)
}

function averageColumns(
  sums: Float32Array,
  columns: { readonly count: number; readonly ratio: number },
  out: Uint8Array,
): void {
  const { count, ratio } = columns
  const inputs = sums.length / 3
  for (let x = 0; x < count; x++) {
    const end = Math.min(inputs, (x + 1) * ratio)
    let red = 0
    let green = 0
    let blue = 0
    for (let column = Math.floor(x * ratio); column < end - 1e-6; column++) {
      const weight = (Math.min(end, column + 1) - Math.max(x * ratio, column)) / ratio
      red += weight * (sums[column * 3] ?? 0)
      green += weight * (sums[column * 3 + 1] ?? 0)
      blue += weight * (sums[column * 3 + 2] ?? 0)
    }
    out[x * 3] = Math.round(red)
    out[x * 3 + 1] = Math.round(green)
    out[x * 3 + 2] = Math.round(blue)
  }
}
