import { MAX_IOU } from '../../../faces/judged-box.ts'
import { iou, type ScoredBox, suppressDuplicates } from '../../../geometry/boxes.ts'
import { boxAsItWas, type Quarters } from '../../../geometry/quarters.ts'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import { soundOutput, UnsoundOutput } from '../../unsound-output.ts'
import { type PictureLevel, type PictureLevels, scaleBox, turnBack } from './picture-levels.ts'
import { decodeRfbBoxes, priorsOf } from './rfb-boxes.ts'

/** A pass of the proposer. */
export interface ProposerInput {
  /** Interleaved RGB. */
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

/** The picture at its levels, as it is; its faces are sought as if it were turned back. */
export interface TurnedPicture {
  readonly levels: PictureLevels
  readonly quarters: Quarters
}

export interface ProposerNetwork {
  readonly settings: CascadeDetector['proposer']
  readonly run: (
    input: ProposerInput,
  ) => Promise<{ readonly scores: Float32Array; readonly encodings: Float32Array }>
}

/**
 * The most proposals of a look before and after duplicates are dropped; the best are kept. A crowd of a hundred has
 * some 300; a picture that was made to propose everywhere must not take a thread for seconds.
 */
const MAX_RAW = 3_000
const MAX_UNIQUE = 600

/** Proposals in the first level's pixels, best first; their score is a logit. */
export async function proposeBoxes(
  { levels: [whole], quarters }: TurnedPicture,
  level: PictureLevel,
  { settings, run }: ProposerNetwork,
): Promise<ScoredBox[]> {
  const { pixels } = turnBack(level, quarters)
  const { data: bytes, width, height } = pixels
  const output = await run({ bytes, width, height })
  const [network, priors] = [settings.role, priorsOf(settings, { width, height })]
  const scores = soundOutput(output.scores, {
    network,
    count: 2 * priors,
    each: 'two numbers for each prior',
  })
  const encodings = soundOutput(output.encodings, {
    network,
    count: 4 * priors,
    each: 'four numbers for each prior',
  })
  const raw = decodeRfbBoxes(settings, { scores, encodings, width, height })
  if (!raw.every(({ box }) => Number.isFinite(box.width * box.height * box.x * box.y)))
    throw new UnsoundOutput(network, 'gives boxes without bounds')
  const best = raw.toSorted((one, other) => other.score - one.score).slice(0, MAX_RAW)
  const unique = suppressDuplicates(best, (kept, box) => iou(kept, box) > MAX_IOU).slice(0, MAX_UNIQUE)
  return unique.map(({ box, score }) => {
    const asItWas = boxAsItWas(box, level.size, quarters)
    return { box: scaleBox(asItWas, { from: level.size, to: whole.size }), score }
  })
}
