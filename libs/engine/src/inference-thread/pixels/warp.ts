import type { Box, Rgb } from '@semblance/core'
import type { Pixels } from '../../geometry/pixels.ts'
import { applySimilarity, composeSimilarities, type Similarity, scaleOf } from '../../geometry/similarity.ts'
import { resizeArea } from './resize-area.ts'

/** The place where a chip goes: red plane, green plane, blue plane, each `height` rows of `width`, values 0..255. */
export interface ChipTarget {
  readonly width: number
  readonly height: number
  readonly planes: Float32Array
  /** The position of the red plane's first value. */
  readonly offset: number
  /** Color of what lies outside the picture. */
  readonly outside?: Rgb
}

const BLACK: Rgb = [0, 0, 0]

/** Bilinear sampling alone copes with this much shrinking: a look then skips no more than a third of a pixel. */
const BILINEAR_SHRINK = 1.35

/**
 * Fills a chip from a picture: bilinear, or averaged over the area that a chip pixel covers where the picture is
 * shrunk.
 * @param toPicture takes chip coordinates to picture coordinates
 */
export function warpToPlanes(picture: Pixels, toPicture: Similarity, target: ChipTarget): void {
  const { width, height, planes, offset, outside = BLACK } = target
  const source = shrunkSource(picture, toPicture, target)
  const { a, b } = source.toPicture
  const looks = Math.max(1, Math.ceil(scaleOf(source.toPicture) / BILINEAR_SHRINK))
  planes.fill(0, offset, offset + 3 * width * height)
  for (let look = 0; look < looks * looks; look++) {
    const start = applySimilarity(source.toPicture, {
      x: ((look % looks) + 0.5) / looks,
      y: (Math.floor(look / looks) + 0.5) / looks,
    })
    // Positions are pixel indices from here on: whole numbers are pixel centres.
    const step = { a, b, tx: start.x - 0.5, ty: start.y - 0.5 }
    addLook(source.picture, step, { width, height, planes, offset, outside, weight: 1 / (looks * looks) })
  }
}

interface WarpSource {
  readonly picture: Pixels
  /** A map from the chip to that picture. */
  readonly toPicture: Similarity
}

/** How far the views of a chip may reach beyond it, as a share of its diagonal. */
const VIEW_REACH = 1.1

/**
 * A picture at about the chip's own scale: where the picture is shrunk twofold and more, the part around the chip is
 * averaged down by a whole number first. Chips cut around the same place can share it.
 */
export function shrunkSource(
  picture: Pixels,
  toPicture: Similarity,
  { width, height }: { readonly width: number; readonly height: number },
): WarpSource {
  const scale = scaleOf(toPicture)
  const factor = Math.round(scale)
  if (factor < 2) return { picture, toPicture }
  const centre = applySimilarity(toPicture, { x: width / 2, y: height / 2 })
  const reach = (scale * Math.hypot(width, height) * VIEW_REACH) / 2
  const region = { x: centre.x - reach, y: centre.y - reach, width: 2 * reach, height: 2 * reach }
  const { part, toPart } = shrinkRegion(picture, region, factor)
  return { picture: part, toPicture: composeSimilarities(toPart, toPicture) }
}

type LookTarget = Required<ChipTarget> & { readonly weight: number }

/** The inner loop of every chip, hence one flat function: five times as fast as one with a sampler object. */
function addLook(picture: Pixels, step: Similarity, target: LookTarget): void {
  const { data, width: sourceWidth, height: sourceHeight } = picture
  const { width, height, planes, weight } = target
  const { a, b } = step
  const area = width * height
  const row = sourceWidth * 3
  // Whole numbers throughout: an index of the kind that numbers usually are is converted at each of the twelve looks.
  const [right, bottom] = [sourceWidth - 1, sourceHeight - 1]
  let out = target.offset | 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, out = (out + 1) | 0) {
      const sx = a * x - b * y + step.tx
      const sy = b * x + a * y + step.ty
      const left = Math.floor(sx) | 0
      const top = Math.floor(sy) | 0
      if (left < 0 || top < 0 || left >= right || top >= bottom) {
        addBorderPixel(picture, { x: sx, y: sy, out }, target)
        continue
      }
      const fx = sx - left
      const before = 1 - fx
      const upper = weight * (1 - sy + top)
      const lower = weight * (sy - top)
      const at = (Math.imul(top, row) + Math.imul(left, 3)) | 0
      const low = (at + row) | 0
      const above0 = (data[at] ?? 0) * before + (data[at + 3] ?? 0) * fx
      const above1 = (data[at + 1] ?? 0) * before + (data[at + 4] ?? 0) * fx
      const above2 = (data[at + 2] ?? 0) * before + (data[at + 5] ?? 0) * fx
      const below0 = (data[low] ?? 0) * before + (data[low + 3] ?? 0) * fx
      const below1 = (data[low + 1] ?? 0) * before + (data[low + 4] ?? 0) * fx
      const below2 = (data[low + 2] ?? 0) * before + (data[low + 5] ?? 0) * fx
      planes[out] = (planes[out] ?? 0) + upper * above0 + lower * below0
      planes[out + area] = (planes[out + area] ?? 0) + upper * above1 + lower * below1
      planes[out + 2 * area] = (planes[out + 2 * area] ?? 0) + upper * above2 + lower * below2
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
  /** The color of what lies outside the picture. */
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
 * The part of the picture around `region`, made smaller by a whole number. At the right and at the bottom less than
 * one pixel of the result may be cut off.
 * @returns the part, and the map from picture coordinates to its coordinates
 */
export function shrinkRegion(
  picture: Pixels,
  region: Box,
  factor: number,
): { readonly part: Pixels; readonly toPart: Similarity } {
  const [x, columns] = blocks({ from: region.x, length: region.width }, picture.width, factor)
  const [y, rows] = blocks({ from: region.y, length: region.height }, picture.height, factor)
  const filled = { width: columns, height: rows }
  const whole = {
    x,
    y,
    width: Math.min(columns * factor, picture.width),
    height: Math.min(rows * factor, picture.height),
  }
  const data = resizeArea(picture, whole, { ...filled, filled })
  return { part: { data, ...filled }, toPart: { a: 1 / factor, b: 0, tx: -x / factor, ty: -y / factor } }
}

/** First pixel and number of whole blocks of a stretch, inside the picture; at least one. */
function blocks(
  stretch: { readonly from: number; readonly length: number },
  limit: number,
  factor: number,
): readonly [first: number, count: number] {
  const wanted = clamp(Math.floor(stretch.from), limit - 1)
  const end = clamp(Math.ceil(stretch.from + stretch.length), limit)
  const count = Math.max(1, Math.floor((end - wanted) / factor))
  return [Math.max(0, Math.min(wanted, limit - count * factor)), count]
}

function clamp(value: number, high: number): number {
  return Math.min(Math.max(value, 0), high)
}
