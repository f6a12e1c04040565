import type { Box, Rgb } from '@semblance/core'
import type { Pixels } from './pixels.ts'
import { applySimilarity, type Similarity, scaleOf } from './similarity.ts'

/** Where a chip goes: red plane, green plane, blue plane, each `height` rows of `width`, values 0..255. */
export interface ChipTarget {
  readonly width: number
  readonly height: number
  readonly planes: Float32Array
  /** Of the red plane's first value. */
  readonly offset: number
  /** Color of what lies outside the picture. */
  readonly outside?: Rgb
}

const BLACK: Rgb = [0, 0, 0]

/**
 * Fills a chip from a picture: bilinear, or averaged over the area that a chip pixel covers where the picture is
 * shrunk.
 * @param toPicture takes chip coordinates to picture coordinates
 */
export function warpToPlanes(picture: Pixels, toPicture: Similarity, target: ChipTarget): void {
  const { width, height, planes, offset, outside = BLACK } = target
  // One look a pixel while enlarging; else enough that no pixel of the picture is skipped.
  const looks = Math.max(1, Math.ceil(scaleOf(toPicture) - 1e-6))
  planes.fill(0, offset, offset + 3 * width * height)
  for (let look = 0; look < looks * looks; look++) {
    const start = applySimilarity(toPicture, {
      x: ((look % looks) + 0.5) / looks,
      y: (Math.floor(look / looks) + 0.5) / looks,
    })
    // From here on in pixel indices: whole numbers are pixel centres.
    const step = { a: toPicture.a, b: toPicture.b, tx: start.x - 0.5, ty: start.y - 0.5 }
    addLook(picture, step, { width, height, planes, offset, outside, weight: 1 / (looks * looks) })
  }
}

type LookTarget = Required<ChipTarget> & { readonly weight: number }

/** The inner loop of every chip, hence one flat function: five times as fast as one with a sampler object. */
function addLook(picture: Pixels, step: Similarity, target: LookTarget): void {
  const { data, width: sourceWidth, height: sourceHeight } = picture
  const { width, height, planes, weight } = target
  const { a, b } = step
  const area = width * height
  const row = sourceWidth * 3
  let out = target.offset
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out++) {
      const sx = a * x - b * y + step.tx
      const sy = b * x + a * y + step.ty
      const left = Math.floor(sx)
      const top = Math.floor(sy)
      if (left < 0 || top < 0 || left >= sourceWidth - 1 || top >= sourceHeight - 1) {
        addBorderPixel(picture, { x: sx, y: sy, out }, target)
        continue
      }
      const fx = sx - left
      const upper = weight * (1 - sy + top)
      const lower = weight * (sy - top)
      const at = top * row + left * 3
      for (let c = 0, from = at, to = out; c < 3; c++, from++, to += area) {
        const above = (data[from] ?? 0) * (1 - fx) + (data[from + 3] ?? 0) * fx
        const below = (data[from + row] ?? 0) * (1 - fx) + (data[from + row + 3] ?? 0) * fx
        planes[to] = (planes[to] ?? 0) + upper * above + lower * below
      }
    }
  }
}

function addBorderPixel(
  picture: Pixels,
  look: { readonly x: number; readonly y: number; readonly out: number },
  target: LookTarget,
): void {
  const { planes, outside, width, height } = target
  for (let corner = 0; corner < 4; corner++) {
    const x = Math.floor(look.x) + (corner & 1)
    const y = Math.floor(look.y) + (corner >> 1)
    const weight = target.weight * (1 - Math.abs(look.x - x)) * (1 - Math.abs(look.y - y))
    const isInside = x >= 0 && y >= 0 && x < picture.width && y < picture.height
    for (let c = 0; c < 3; c++) {
      const value = isInside ? picture.data[(y * picture.width + x) * 3 + c] : outside[c]
      const at = look.out + c * width * height
      planes[at] = (planes[at] ?? 0) + weight * (value ?? 0)
    }
  }
}

export interface WarpedSize {
  readonly width: number
  readonly height: number
  /** Of what lies outside the picture. */
  readonly padColor: Rgb
}

/** The same as interleaved bytes, for people to look at. */
export function warpToBytes(picture: Pixels, toPicture: Similarity, size: WarpedSize): Uint8Array {
  const { width, height, padColor } = size
  const area = width * height
  const planes = new Float32Array(3 * area)
  warpToPlanes(picture, toPicture, { width, height, planes, offset: 0, outside: padColor })
  const bytes = new Uint8Array(3 * area)
  for (let pixel = 0; pixel < area; pixel++) {
    for (let c = 0; c < 3; c++) bytes[pixel * 3 + c] = Math.round(planes[c * area + pixel] ?? 0)
  }
  return bytes
}

/**
 * The picture made smaller by a whole number, for a warp that shrinks more than twofold: the chips of a face then
 * read this instead of averaging many pixels each. Only the part around `region` is made.
 * @returns the part, and the map from picture coordinates to its coordinates
 */
export function shrinkRegion(
  picture: Pixels,
  region: Box,
  factor: number,
): { readonly part: Pixels; readonly toPart: Similarity } {
  const left = clamp(Math.floor(region.x), picture.width - 1)
  const top = clamp(Math.floor(region.y), picture.height - 1)
  const right = clamp(Math.ceil(region.x + region.width), picture.width)
  const bottom = clamp(Math.ceil(region.y + region.height), picture.height)
  const width = Math.max(1, Math.ceil((right - left) / factor))
  const height = Math.max(1, Math.ceil((bottom - top) / factor))
  const part: Pixels = { data: new Uint8Array(width * height * 3), width, height }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const block = { x: left + x * factor, y: top + y * factor, side: factor }
      averageBlock(picture, block, part.data.subarray((y * width + x) * 3))
    }
  }
  return { part, toPart: { a: 1 / factor, b: 0, tx: -left / factor, ty: -top / factor } }
}

function averageBlock(
  picture: Pixels,
  block: { readonly x: number; readonly y: number; readonly side: number },
  rgb: Uint8Array,
): void {
  const right = Math.min(picture.width, block.x + block.side)
  const bottom = Math.min(picture.height, block.y + block.side)
  let red = 0
  let green = 0
  let blue = 0
  for (let y = block.y; y < bottom; y++) {
    for (let at = (y * picture.width + block.x) * 3; at < (y * picture.width + right) * 3; at += 3) {
      red += picture.data[at] ?? 0
      green += picture.data[at + 1] ?? 0
      blue += picture.data[at + 2] ?? 0
    }
  }
  const count = Math.max(1, (right - block.x) * (bottom - block.y))
  rgb[0] = Math.round(red / count)
  rgb[1] = Math.round(green / count)
  rgb[2] = Math.round(blue / count)
}

function clamp(value: number, high: number): number {
  return Math.min(Math.max(value, 0), high)
}
