import type { Box, Point } from '@semblance/core'
import {
  eyeLineAngle,
  type FacePoints,
  type FoundLandmarks,
  fivePointsOf,
  type Landmarks,
  pointAt,
} from '../../faces/face-points.ts'
import { centreOf } from '../../geometry/boxes.ts'
import type { Pixels } from '../../geometry/pixels.ts'
import type { Quarters } from '../../geometry/quarters.ts'
import {
  applySimilarity,
  invertSimilarity,
  type Similarity,
  similarityAround,
  similarityOfParts,
} from '../../geometry/similarity.ts'
import { warpToPlanes } from '../pixels/warp.ts'
import { soundOutput } from '../unsound-output.ts'

/** One run of the network: planes of a crop, RGB 0..255, to x, y of each point as fractions of the crop. */
export type RunLandmarks = (planes: Float32Array) => Promise<Float32Array>

export interface FacePlace {
  /** In the pixels that are looked at. */
  readonly box: Box
  readonly quarters: Quarters
  /** Clockwise degrees beyond the quarters. */
  readonly tilt: number
}

export interface LandmarkNetwork {
  readonly settings: Landmarks
  readonly run: RunLandmarks
}

/**
 * The points of the face in a box, in picture coordinates, by several looks, each after the first one
 * upright and centred on what the one before found. That takes out much of the error of the detector's box (with A
 * alone: rank-1 from 94.2 to 95.0 %).
 */
export async function findLandmarks(
  picture: Pixels,
  place: FacePlace,
  network: LandmarkNetwork,
): Promise<FoundLandmarks> {
  const { combine, steepDegrees = Number.POSITIVE_INFINITY } = network.settings
  let { passes } = network.settings
  let crop = firstCrop(place, network.settings)
  const looks: FacePoints[] = []
  while (looks.length < passes) {
    const points = await look(picture, crop, network)
    looks.push(points)
    const next = uprightCropAround(points, network.settings)
    if (looks.length === 1 && degreesBetween(crop, next) > steepDegrees) passes++
    crop = next
  }
  if (combine === 'mean') return { points: meanOf(looks), disagreement: null }
  return { points: looks.at(-1) ?? [], disagreement: disagreementOf(looks, network.settings) }
}

/** How far the points moved from the look before the last to the last; see `FaceGeometry.landmarkDisagreement`. */
function disagreementOf(looks: readonly FacePoints[], settings: Landmarks): number | null {
  const [before, last] = looks.slice(-2)
  if (before === undefined || last === undefined) return null
  const [from, to] = [fivePointsOf(before, settings), fivePointsOf(last, settings)]
  const moved = to.map(({ x, y }, index) => {
    const old = pointAt(from, index)
    return Math.hypot(x - old.x, y - old.y)
  })
  const [left, right] = to
  const eyes = Math.hypot(right.x - left.x, right.y - left.y)
  // Eyes that coincide say nothing of the face's size; the answer stays a number.
  return moved.reduce((sum, distance) => sum + distance, 0) / moved.length / Math.max(eyes, 1e-6)
}

/** The map from crop to picture: the square around the box, made larger or smaller about its centre, turned as the face. */
function firstCrop({ box, quarters, tilt }: FacePlace, { boxScale, input }: Landmarks): Similarity {
  const scale = (boxScale * Math.max(box.width, box.height)) / input.side
  const radians = ((90 * quarters + tilt) * Math.PI) / 180
  return similarityAround(centreOf(box), { scale, radians, side: input.side })
}

async function look(picture: Pixels, toPicture: Similarity, network: LandmarkNetwork): Promise<FacePoints> {
  const { role, points, input } = network.settings
  const { side } = input
  const planes = new Float32Array(3 * side * side)
  warpToPlanes(picture, toPicture, { width: side, height: side, planes, offset: 0 })
  // Else chips would be cut anywhere, and the face enrolled by what they show.
  const wanted = { network: role, count: 2 * points, each: `${2 * points} numbers for a face` }
  const fractions = soundOutput(await network.run(planes), wanted)
  return Array.from({ length: points }, (_, index) => {
    const x = (fractions[2 * index] ?? 0) * side
    const y = (fractions[2 * index + 1] ?? 0) * side
    return applySimilarity(toPicture, { x, y })
  })
}

/** By how much two crops are turned from each other, 0 to 180. */
function degreesBetween(one: Similarity, other: Similarity): number {
  const [dot, cross] = [one.a * other.a + one.b * other.b, one.a * other.b - one.b * other.a]
  return (Math.abs(Math.atan2(cross, dot)) * 180) / Math.PI
}

/** The map from crop to picture: the eyes level, the points' middle in the crop's middle. */
function uprightCropAround(points: FacePoints, settings: Landmarks): Similarity {
  const angle = eyeLineAngle(fivePointsOf(points, settings))
  const turn = similarityOfParts({ scale: 1, radians: angle, tx: 0, ty: 0 })
  const upright = points.map((point) => applySimilarity(invertSimilarity(turn), point))
  const xs = upright.map(({ x }) => x)
  const ys = upright.map(({ y }) => y)
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]
  const side = settings.cropScale * Math.max(right - left, bottom - top, 1)
  const { x, y } = applySimilarity(turn, { x: (left + right - side) / 2, y: (top + bottom - side) / 2 })
  const scale = side / settings.input.side
  return { a: turn.a * scale, b: turn.b * scale, tx: x, ty: y }
}

function meanOf(looks: readonly FacePoints[]): FacePoints {
  const [first = [], ...others] = looks
  return first.map((point, index) => {
    const sum = others.reduce<Point>((sum, look) => {
      const { x, y } = pointAt(look, index)
      return { x: sum.x + x, y: sum.y + y }
    }, point)
    return { x: sum.x / looks.length, y: sum.y / looks.length }
  })
}
