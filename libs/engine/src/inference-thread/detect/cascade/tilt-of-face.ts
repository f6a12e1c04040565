import type { Box } from '@semblance/core'
import { centreOf } from '../../../geometry/boxes.ts'
import type { Pixels } from '../../../geometry/pixels.ts'
import type { Quarters } from '../../../geometry/quarters.ts'
import { similarityAround } from '../../../geometry/similarity.ts'
import { warpToPlanes } from '../../pixels/warp.ts'
import { type JudgeNetwork, logitPairs } from './judge-boxes.ts'
import { boundedLogit } from './logit-of.ts'
import { levelFor, levelsOf, type PictureLevels } from './picture-levels.ts'
import type { CascadeNetworks } from './run-cascade.ts'

/** Degrees beyond the picture's quarters that are tried, and the handicap of each. */
const TILTS: readonly (readonly [degrees: number, handicap: number])[] = [
  [0, 0],
  [45, 0],
  [-45, 0],
  // A face so far off would have been found in the picture turned by a quarter.
  [90, 3],
  [-90, 3],
  [135, 3],
  [-135, 3],
  [180, 3],
]

/** A tilt must be better than none by this: the sum of the logits of both judges. */
const MARGIN = 1

/**
 * How the face in a box is tilted beyond the quarters that its picture is turned by: clockwise degrees, a multiple of 45. It is
 * what the two judges like best of the box cut out at these angles.
 * @param place the box in the picture's pixels
 */
export async function tiltOfFace(
  { picture, preview }: { readonly picture: Pixels; readonly preview: Pixels },
  place: { readonly box: Box; readonly quarters: Quarters },
  { refiner, judge }: Pick<CascadeNetworks, 'refiner' | 'judge'>,
): Promise<number> {
  const levels = levelsOf(picture, preview)
  const [first, second] = [await logitsOf(levels, place, refiner), await logitsOf(levels, place, judge)]
  // The turn of a tilted picture is easily wrong, so that of one that was turned counts for nothing.
  const weight = place.quarters === 0 ? 1 : 0
  const sums = TILTS.map(
    ([, handicap], index) => (first[index] ?? 0) + (second[index] ?? 0) - weight * handicap,
  )
  const best = sums.indexOf(Math.max(...sums))
  return (sums[best] ?? 0) > (sums[0] ?? 0) + MARGIN ? (TILTS[best]?.[0] ?? 0) : 0
}

/** What the network says of the box at each tilt. */
async function logitsOf(
  levels: PictureLevels,
  place: { readonly box: Box; readonly quarters: Quarters },
  { settings, run }: JudgeNetwork,
): Promise<number[]> {
  const { side } = settings.input
  const { pixels, box } = levelFor(levels, place.box, side)
  const values = 3 * side * side
  const planes = new Float32Array(TILTS.length * values)
  for (const [index, [degrees]] of TILTS.entries()) {
    const radians = ((90 * place.quarters + degrees) * Math.PI) / 180
    const scale = Math.max(box.width, box.height) / side
    const toPicture = similarityAround(centreOf(box), { scale, radians, side })
    warpToPlanes(pixels, toPicture, { width: side, height: side, planes, offset: index * values })
  }
  const pairs = logitPairs(await run({ planes, count: TILTS.length }), settings.role, TILTS.length)
  return TILTS.map((_, index) => boundedLogit((pairs[2 * index + 1] ?? 0) - (pairs[2 * index] ?? 0)))
}
