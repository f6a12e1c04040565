import type { Box, Point } from '@semblance/core'
import type { Pixels } from '../../geometry/pixels.ts'

/** Pixels of a picture or of a part of it, at its own or a smaller scale: picture = origin + pixel * scale. */
export interface PictureView {
  readonly pixels: Pixels
  readonly origin: Point
  readonly scale: Point
}

/** The whole picture at working size, and once more at the size of the detector's looks at it. */
export interface WholeView extends PictureView {
  readonly preview: Pixels
}

/** A whole picture made lighter or darker than it is, for networks that see nothing in it otherwise. */
export interface TonedPixels {
  readonly pixels: Pixels
  readonly preview: Pixels
  /** Makes other pixels of the picture as these are; on another thread. */
  readonly tone: (pixels: Pixels) => Promise<Pixels>
}

interface Size {
  readonly width: number
  readonly height: number
}

/** @param region the part of the upright picture that the pixels show */
export function viewOf(pixels: Pixels, region: Box): PictureView {
  return {
    pixels,
    origin: { x: region.x, y: region.y },
    scale: { x: region.width / pixels.width, y: region.height / pixels.height },
  }
}

export function wholeOf({ width, height }: Size): Box {
  return { x: 0, y: 0, width, height }
}

export function boxToPicture(box: Box, { origin, scale }: PictureView): Box {
  return {
    x: origin.x + box.x * scale.x,
    y: origin.y + box.y * scale.y,
    width: box.width * scale.x,
    height: box.height * scale.y,
  }
}

export function boxToView(box: Box, { origin, scale }: PictureView): Box {
  return {
    x: (box.x - origin.x) / scale.x,
    y: (box.y - origin.y) / scale.y,
    width: box.width / scale.x,
    height: box.height / scale.y,
  }
}

export function pointToPicture(point: Point, { origin, scale }: PictureView): Point {
  return { x: origin.x + point.x * scale.x, y: origin.y + point.y * scale.y }
}

export function pointToView(point: Point, { origin, scale }: PictureView): Point {
  return { x: (point.x - origin.x) / scale.x, y: (point.y - origin.y) / scale.y }
}
