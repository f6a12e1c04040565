import type { FivePoints, Point } from '@semblance/core'
import { centroid } from '../geometry/similarity.ts'
import type { PackManifest } from '../packs/pack-manifest.ts'

/** How a pack's landmark network is used. */
export type Landmarks = NonNullable<PackManifest['landmarks']>

/** The 68 points of the iBUG scheme, in its order: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67. */
export type FacePoints = readonly Point[]

/** What the landmark network makes of a box. */
export interface FoundLandmarks {
  /** In the pixels that were looked at. */
  readonly points: FacePoints
  /** See `FaceGeometry.landmarkDisagreement`. */
  readonly disagreement: number | null
}

/** Each of the five as the mean of the points that the pack names: eye centres are steadier than eye corners. */
export function fivePointsOf(points: FacePoints, { fivePoints }: Pick<Landmarks, 'fivePoints'>): FivePoints {
  const at = (index: number): Point =>
    centroid((fivePoints[index] ?? []).map((point) => pointAt(points, point)))
  return [at(0), at(1), at(2), at(3), at(4)]
}

/** Clockwise turn of the line through the eyes, in a picture whose y axis points down, radians. */
export function eyeLineAngle(fivePoints: FivePoints): number {
  const [left, right] = fivePoints
  return Math.atan2(right.y - left.y, right.x - left.x)
}

export function pointAt(points: FacePoints, index: number): Point {
  const point = points[index]
  if (point === undefined) throw new RangeError(`a face has no point ${index}`)
  return point
}
