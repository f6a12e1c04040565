import type { Box } from '@semblance/core'

/** Longer side of the pixels in which faces are looked for, and of which tiles are cut. */
export const WORKING_SIDE_PX = 1_600

/**
 * A face smaller than this in the working pixels is described from the picture's own pixels, if it has more. The
 * faces that the descriptor's figures were measured on are about this large; larger ones gain next to nothing.
 */
const SMALL_FACE_PX = 100

/** A second decoding must bring at least so many times the resolution. */
const WORTH_SCALE = 1.2

/** Of the pixels decoded for small faces, 24 MB; beyond, they are shrunk. */
const MAX_DETAIL_PIXELS = 8_000_000

/** What the chips show around a box, as a share of its longer side, when the face is turned by 45 degrees. */
const MARGIN = 0.8

interface Size {
  readonly width: number
  readonly height: number
}

export interface DetailRegion {
  /** Whole pixels of the upright picture. */
  readonly region: Box
  readonly size: Size
}

/** Whether a face, given in picture pixels, has too few working pixels; `scale` is picture over working pixels. */
export function needsDetail(box: Box, scale: number): boolean {
  return scale >= WORTH_SCALE && Math.max(box.width, box.height) / scale < SMALL_FACE_PX
}

/** The part of the picture to decode at its own size for these faces. */
export function detailRegion(boxes: readonly Box[], picture: Size): DetailRegion {
  const around = boxes.map((box) => withMargin(box))
  const left = Math.max(0, Math.floor(Math.min(...around.map(({ x }) => x))))
  const top = Math.max(0, Math.floor(Math.min(...around.map(({ y }) => y))))
  const right = Math.min(picture.width, Math.ceil(Math.max(...around.map(({ x, width }) => x + width))))
  const bottom = Math.min(picture.height, Math.ceil(Math.max(...around.map(({ y, height }) => y + height))))
  const width = Math.max(1, right - left)
  const height = Math.max(1, bottom - top)
  const shrink = Math.min(1, Math.sqrt(MAX_DETAIL_PIXELS / (width * height)))
  return {
    region: { x: Math.min(left, picture.width - 1), y: Math.min(top, picture.height - 1), width, height },
    size: {
      width: Math.max(1, Math.floor(width * shrink)),
      height: Math.max(1, Math.floor(height * shrink)),
    },
  }
}

function withMargin(box: Box): Box {
  const margin = MARGIN * Math.max(box.width, box.height)
  return {
    x: box.x - margin,
    y: box.y - margin,
    width: box.width + 2 * margin,
    height: box.height + 2 * margin,
  }
}
