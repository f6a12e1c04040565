import type { Box, Point } from '@semblance/core'

export interface ScoredBox {
  readonly box: Box
  /** 0..1. */
  readonly score: number
}

export function areaOf(box: Box): number {
  return Math.max(0, box.width) * Math.max(0, box.height)
}

export function centreOf(box: Box): Point {
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** Intersection over union, 0..1. */
export function iou(one: Box, other: Box): number {
  const shared = intersection(one, other)
  const union = areaOf(one) + areaOf(other) - shared
  return union <= 0 ? 0 : shared / union
}

/** Share of the smaller box that the other one covers: finds a part of a face inside the whole face. */
export function overlapOfSmaller(one: Box, other: Box): number {
  const smaller = Math.min(areaOf(one), areaOf(other))
  return smaller <= 0 ? 0 : intersection(one, other) / smaller
}

/** Non-maximum suppression: best score first, none of which `isSame` as a better one. */
export function suppressDuplicates<T extends ScoredBox>(
  boxes: readonly T[],
  isSame: (kept: Box, box: Box) => boolean,
): T[] {
  const kept: T[] = []
  for (const candidate of boxes.toSorted((one, other) => other.score - one.score)) {
    if (!kept.some((better) => isSame(better.box, candidate.box))) kept.push(candidate)
  }
  return kept
}

/** The square of the same centre whose side is the longer one. */
export function squareAround(box: Box): Box {
  const side = Math.max(box.width, box.height)
  const centre = centreOf(box)
  return { x: centre.x - side / 2, y: centre.y - side / 2, width: side, height: side }
}

/** What of a box lies in a picture of this size; empty, at its edge, if nothing does. */
export function clipToPicture(
  { x, y, width, height }: Box,
  picture: { readonly width: number; readonly height: number },
): Box {
  const clamp = (value: number, high: number): number => Math.min(Math.max(value, 0), high)
  const [left, top] = [clamp(x, picture.width), clamp(y, picture.height)]
  const [right, bottom] = [clamp(x + width, picture.width), clamp(y + height, picture.height)]
  return { x: left, y: top, width: right - left, height: bottom - top }
}

function intersection(one: Box, other: Box): number {
  const width = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x)
  const height = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y)
  return width <= 0 || height <= 0 ? 0 : width * height
}
