import type { Box } from '@semblance/core'

/** The longer side of the pixels in which faces are looked for, and of which tiles are cut. */
export const WORKING_SIDE_PX = 1_600

/**
 * A face smaller than this in the working pixels is described from the picture's own pixels, if it has more. The
 * faces that the descriptor's figures were measured on are about this large; larger ones gain next to nothing.
 */
const SMALL_FACE_PX = 100

/** A second decoding must bring at least so many times the resolution. */
const WORTH_SCALE = 1.2

/** The most pixels decoded for small faces, 24 MB; more of them are shrunk. */
const MAX_DETAIL_PIXELS = 8_000_000

/** Faces larger than the first are brought down to the second before any network: the largest chip fits it. */
const LARGE_FACE_PX = 230
const REDUCED_FACE_PX = 176

/** What the chips show around a box, as a share of its longer side, when the face is turned by 45 degrees. */
const MARGIN = 0.8

interface Size {
  readonly width: number
  readonly height: number
}

export interface FaceRegion {
  /** Whole pixels of what it is cut from. */
  readonly region: Box
  /** The size to bring it to; it is never enlarged. */
  readonly size: Size
}

/** Whether a face, given in picture pixels, has too few working pixels; `scale` is picture over working pixels. */
export function needsDetail(box: Box, scale: number): boolean {
  return scale >= WORTH_SCALE && longerSide(box) / scale < SMALL_FACE_PX
}

/** The part of the picture to decode at its own size for these faces. */
export function detailRegion(boxes: readonly Box[], picture: Size): FaceRegion {
  const region = regionAround(boxes, picture)
  return { region, size: shrunk(region, Math.sqrt(MAX_DETAIL_PIXELS / (region.width * region.height))) }
}

/** How to shrink a large face, given in working pixels, and what is around it; null for one that is not large. */
export function reducedRegion(box: Box, working: Size): FaceRegion | null {
  if (longerSide(box) <= LARGE_FACE_PX) return null
  const region = regionAround([box], working)
  return { region, size: shrunk(region, REDUCED_FACE_PX / longerSide(box)) }
}

function regionAround(boxes: readonly Box[], { width, height }: Size): Box {
  const around = boxes.map(withMargin)
  const left = clamp(Math.floor(Math.min(...around.map((box) => box.x))), width - 1)
  const top = clamp(Math.floor(Math.min(...around.map((box) => box.y))), height - 1)
  const right = clamp(Math.ceil(Math.max(...around.map((box) => box.x + box.width))), width)
  const bottom = clamp(Math.ceil(Math.max(...around.map((box) => box.y + box.height))), height)
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) }
}

function withMargin(box: Box): Box {
  const margin = MARGIN * longerSide(box)
  return {
    x: box.x - margin,
    y: box.y - margin,
    width: box.width + 2 * margin,
    height: box.height + 2 * margin,
  }
}

function shrunk({ width, height }: Size, scale: number): Size {
  const factor = Math.min(1, scale)
  return { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) }
}

function longerSide({ width, height }: Size): number {
  return Math.max(width, height)
}

function clamp(value: number, high: number): number {
  return Math.min(Math.max(value, 0), high)
}
