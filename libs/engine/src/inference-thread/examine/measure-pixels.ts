import type { FivePoints, PixelMeasures, Point } from '@semblance/core'
import type { Pixels } from '../../geometry/pixels.ts'
import { applySimilarity, centroid, invertSimilarity, type Similarity } from '../../geometry/similarity.ts'
import { lumaOf } from '../pixels/luma-of.ts'
import { warpToPlanes } from '../pixels/warp.ts'
import { blurOf } from './blur-of.ts'
import { convexHull } from './convex-hull.ts'
import { exposureOf } from './exposure-of.ts'
import { pixelsInside, pixelsWithin } from './pixels-that-count.ts'

/** The inner face upright: eyes 80 px apart, just below the eye distance that ISO/IEC 19794-5 asks for. */
const SIDE = 192
const EYE_LINE = 72
const EYE_DISTANCE = 80

/** The way from the eye line to the mouth, in eye distances, of a face seen from the front; as in `cropFrame`. */
const MOUTH_BELOW_EYES = 1.155

/**
 * Blur over the square of the inner face, exposure within the outline of the face's points.
 * @param points all that outline the face, in the picture's pixels
 * @returns null if nothing of the face lies inside the picture, or if it has no contrast whatever
 */
export function measurePixels(
  picture: Pixels,
  face: { readonly fivePoints: FivePoints; readonly points: readonly Point[] },
): PixelMeasures | null {
  const toPicture = innerFace(face.fivePoints)
  const planes = new Float32Array(3 * SIDE * SIDE)
  warpToPlanes(picture, toPicture, { width: SIDE, height: SIDE, planes, offset: 0 })
  const luma = lumaOf(planes, SIDE * SIDE)
  const inside = pixelsInside(picture, toPicture, SIDE)
  const toSquare = invertSimilarity(toPicture)
  const hull = convexHull(face.points.map((point) => applySimilarity(toSquare, point)))
  const blur = blurOf({ side: SIDE, luma, counted: inside })
  const exposure = exposureOf({ luma, counted: pixelsWithin(hull, inside, SIDE) })
  if (exposure === null) return null
  // A face of one colour has lost all its detail.
  return { blur: blur ?? 1, ...exposure }
}

function innerFace([left, right, , leftMouth, rightMouth]: FivePoints): Similarity {
  const eyes = centroid([left, right])
  const mouth = centroid([leftMouth, rightMouth])
  const apart = Math.hypot(right.x - left.x, right.y - left.y)
  const below = Math.hypot(mouth.x - eyes.x, mouth.y - eyes.y)
  // The eyes of a profile draw together, but not the eyes and the mouth.
  const scale = Math.max(apart, below / MOUTH_BELOW_EYES, 1) / EYE_DISTANCE
  const angle = Math.atan2(right.y - left.y, right.x - left.x)
  const a = scale * Math.cos(angle)
  const b = scale * Math.sin(angle)
  const anchor = { x: SIDE / 2, y: EYE_LINE }
  return { a, b, tx: eyes.x - (a * anchor.x - b * anchor.y), ty: eyes.y - (b * anchor.x + a * anchor.y) }
}
