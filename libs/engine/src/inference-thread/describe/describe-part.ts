import type { Effort } from '@semblance/core'
import { type FacePoints, fivePointsOf, type Landmarks } from '../../faces/face-points.ts'
import { toUnitLength } from '../../faces/join-descriptor.ts'
import type { Pixels } from '../../geometry/pixels.ts'
import type { Similarity } from '../../geometry/similarity.ts'
import type { SummedFeatures } from '../../messages/face-task.ts'
import type { Chip, Recognizer } from '../../packs/pack-manifest.ts'
import { soundOutput, UnsoundOutput } from '../unsound-output.ts'
import { type ChipBatch, cutChips } from './chips.ts'
import { dlibChipToPicture } from './dlib-chip.ts'
import { fivePointChipToPicture } from './five-point-chip.ts'
import { measureChip } from './measure-chip.ts'
import { createProjection, type Projection, projectFeatures } from './projection.ts'

/** One run of a recognizer over a batch of chips: features row by row. */
export type RunRecognizer = (chips: ChipBatch) => Promise<Float32Array>

/** A recognizer of the pack, ready to run. */
export interface PartNetwork {
  readonly settings: Recognizer
  readonly landmarks: Pick<Landmarks, 'fivePoints'>
  readonly projection: Projection | null
  readonly run: RunRecognizer
}

/** The map is drawn once per thread, not once per face. */
export function projectionOf({ projection, features }: Recognizer): Projection | null {
  return projection === undefined ? null : createProjection({ ...projection, features })
}

export interface PartRequest {
  readonly points: FacePoints
  readonly effort: Effort
  /** The part of the effort's views from the first number up to, not including, the second. */
  readonly views: readonly [number, number]
  readonly measuresChip: boolean
  /** These are all views. */
  readonly finishes: boolean
}

/** A recognizer's features of one face, summed over the chips of some views: these go through the network in one run. */
export async function sumFeatures(
  picture: Pixels,
  { points, effort, views: [from, to], measuresChip, finishes }: PartRequest,
  network: PartNetwork,
): Promise<SummedFeatures> {
  const { settings, landmarks, run } = network
  const toPicture = chipToPicture(points, { chip: settings.chip, landmarks })
  const wanted = effort === 'rich' ? settings.enrollment : settings.search
  const place = { toPicture, side: settings.chip.side }
  const chips = cutChips(picture, place, { ...wanted, views: wanted.views.slice(from, to) })
  const features = soundOutput(await run(chips), {
    network: settings.role,
    count: chips.count * settings.features,
    each: `${settings.features} numbers for each chip`,
  })
  const { side } = place
  const sum = sumOverChips(features, chips.count)
  return {
    sum,
    chips: chips.count,
    squares: features.reduce((total, value) => total + value * value, 0),
    measures: measuresChip ? measureChip(chips.planes.subarray(0, 3 * side * side), side) : null,
    part: finishes ? finishPart([sum], network) : null,
  }
}

/** A recognizer's part of the descriptor, weighted, from its features over all views. */
export function finishPart(
  sums: readonly Float32Array[],
  { settings, projection }: Pick<PartNetwork, 'settings' | 'projection'>,
): Float32Array {
  const whole = sums.reduce((total, one) => total.map((value, i) => value + (one[i] ?? 0)))
  // A copy: the sums are the caller's.
  const rooted = settings.root ? whole.map(Math.sqrt) : whole.slice()
  // Features that are all zero, or below zero where a root is taken, point nowhere.
  const isSound = rooted.every(Number.isFinite) && rooted.some((value) => value !== 0)
  if (!isSound) throw new UnsoundOutput(settings.role, 'gives features that no descriptor can be made of')
  const unit = toUnitLength(rooted)
  const part = projection === null ? unit : projectFeatures(unit, projection)
  const weight = settings.weight * (settings.projection?.scale ?? 1)
  return part.map((value) => weight * value)
}

/** The place of a face's chip in the picture. */
export function chipToPicture(
  points: FacePoints,
  { chip, landmarks }: { readonly chip: Chip; readonly landmarks: Pick<Landmarks, 'fivePoints'> },
): Similarity {
  switch (chip.kind) {
    case 'dlib-mean-face':
      return dlibChipToPicture(points, chip)
    case 'five-points':
      return fivePointChipToPicture(fivePointsOf(points, landmarks), chip)
  }
}

function sumOverChips(features: Float32Array, count: number): Float32Array {
  const width = features.length / count
  const sums = new Float32Array(width)
  for (let at = 0; at < features.length; at++)
    sums[at % width] = (sums[at % width] ?? 0) + (features[at] ?? 0)
  return sums
}
