import type { CropRequest, FivePoints, Point } from '@semblance/core'
import { centroid, type Similarity } from '../../geometry/similarity.ts'

/**
 * The token face image of ISO/IEC 19794-5, made for ID photos of 3:4: eyes a quarter of the width apart, on a line
 * 0.6 widths below the top. In terms of its height, which the other proportions keep so that no chin is cut off:
 */
const EYE_DISTANCES_HIGH = 16 / 3
const EYE_LINE = 0.45

/** The way from the eye line to the mouth, in eye distances, of a face seen from the front (ArcFace's template). */
const MOUTH_BELOW_EYES = 1.155

/** A requested size whose proportion is off by more than this is not applied. */
const PROPORTION_TOLERANCE = 0.01

/** The longest side of a crop, set by the memory of the thread, not by taste. */
const MAX_SIDE_PX = 2_048

export interface CropFrame {
  /** A map from the crop to the picture. */
  readonly toPicture: Similarity
  readonly width: number
  readonly height: number
}

/** Tells where an upright ID photo of the face lies in the picture, and how large it becomes. */
export function cropFrame(points: FivePoints, request: CropRequest): CropFrame {
  const [left, right, , leftMouth, rightMouth] = points
  const eyes = centroid([left, right])
  const mouth = centroid([leftMouth, rightMouth])
  const angle = Math.atan2(right.y - left.y, right.x - left.x)
  // The eyes of a profile draw together, but not the eyes and the mouth.
  const eyeDistance = Math.max(distance(left, right), distance(eyes, mouth) / MOUTH_BELOW_EYES, 1)
  const height = eyeDistance * EYE_DISTANCES_HIGH
  const size = sizeOf(request, height)
  const scale = height / size.height
  const a = scale * Math.cos(angle)
  const b = scale * Math.sin(angle)
  const anchor = { x: size.width / 2, y: size.height * EYE_LINE }
  const tx = eyes.x - (a * anchor.x - b * anchor.y)
  const ty = eyes.y - (b * anchor.x + a * anchor.y)
  return { toPicture: { a, b, tx, ty }, ...size }
}

/** @param ownHeight of the crop in picture pixels */
function sizeOf({ ratio, size }: CropRequest, ownHeight: number): { width: number; height: number } {
  if (size !== null && fits(size, ratio)) return { width: size.width, height: size.height }
  const proportion = ratio.width / ratio.height
  const height = Math.min(ownHeight, MAX_SIDE_PX, MAX_SIDE_PX / proportion)
  return { width: Math.max(1, Math.round(height * proportion)), height: Math.max(1, Math.round(height)) }
}

function fits(size: CropRequest['ratio'], ratio: CropRequest['ratio']): boolean {
  const isSane = size.width >= 1 && size.height >= 1 && Math.max(size.width, size.height) <= MAX_SIDE_PX
  const wanted = size.height * ratio.width
  return isSane && Math.abs(size.width * ratio.height - wanted) <= PROPORTION_TOLERANCE * wanted
}

function distance(one: Point, other: Point): number {
  return Math.hypot(one.x - other.x, one.y - other.y)
}
