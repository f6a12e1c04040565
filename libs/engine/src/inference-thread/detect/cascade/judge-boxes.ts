import type { Box } from '@semblance/core'
import { type Quarters, stepsOf } from '../../../geometry/quarters.ts'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import { soundOutput } from '../../unsound-output.ts'
import { cropSquare } from './crop-square.ts'
import { boundedLogit } from './logit-of.ts'
import { levelFor } from './picture-levels.ts'
import type { TurnedPicture } from './propose-boxes.ts'

export interface JudgeNetwork {
  readonly settings: CascadeDetector['judge']
  /** Two logits a crop: no face, face. */
  readonly run: (crops: { readonly planes: Float32Array; readonly count: number }) => Promise<Float32Array>
}

/** Bytes of the crops of one run: larger ones are no faster for each crop, and the runtime keeps memory for them. */
const BATCH_BYTES = 450_000

/** What the network says of each box, which is given in the first level's pixels: a logit. */
export async function judgeBoxes(
  { levels, quarters }: TurnedPicture,
  boxes: readonly Box[],
  { settings, run }: JudgeNetwork,
): Promise<number[]> {
  const { side } = settings.input
  const values = 3 * side * side
  const batch = Math.max(1, Math.floor(BATCH_BYTES / (4 * values)))
  const logits: number[] = []
  for (let from = 0; from < boxes.length; from += batch) {
    const part = boxes.slice(from, from + batch)
    const planes = new Float32Array(part.length * values)
    for (const [index, box] of part.entries()) {
      const source = levelFor(levels, box, side)
      cropSquare(source.pixels, source.box, { side, planes, offset: index * values })
      turnCropBack(planes.subarray(index * values, (index + 1) * values), side, quarters)
    }
    const pairs = logitPairs(await run({ planes, count: part.length }), settings.role, part.length)
    for (const index of part.keys())
      logits.push(boundedLogit((pairs[2 * index + 1] ?? 0) - (pairs[2 * index] ?? 0)))
  }
  return logits
}

/** Two numbers for each of so many boxes, all of them finite. */
export function logitPairs(pairs: Float32Array, network: string, count: number): Float32Array {
  return soundOutput(pairs, { network, count: 2 * count, each: 'two numbers for each box' })
}

/** A square crop has the same size turned back. */
function turnCropBack(planes: Float32Array, side: number, quarters: Quarters): void {
  if (quarters === 0) return
  const { at, alongX, alongY } = stepsOf({ width: side, height: side }, side, quarters)
  const area = side * side
  for (let plane = 0; plane < 3; plane++) {
    const upright = planes.slice(plane * area, (plane + 1) * area)
    for (let y = 0, to = plane * area; y < side; y++) {
      for (let x = 0; x < side; x++, to++) planes[to] = upright[at + x * alongX + y * alongY] ?? 0
    }
  }
}
