import type { Box } from '@semblance/core'
import { type JudgedBox, MAX_IOU } from '../../../faces/judged-box.ts'
import { iou, type ScoredBox, suppressDuplicates } from '../../../geometry/boxes.ts'
import type { Pixels } from '../../../geometry/pixels.ts'
import type { Quarters } from '../../../geometry/quarters.ts'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import { type JudgeNetwork, judgeBoxes } from './judge-boxes.ts'
import { levelAt, levelsOf } from './picture-levels.ts'
import { type ProposerNetwork, proposeBoxes, type TurnedPicture } from './propose-boxes.ts'

export interface CascadeNetworks {
  readonly settings: CascadeDetector
  readonly proposer: ProposerNetwork
  readonly refiner: JudgeNetwork
  readonly judge: JudgeNetwork
}

export interface CascadeStep {
  /** The longer side of the picture in each look, pixels. */
  readonly looks: readonly number[]
  /** What earlier steps judged in the same picture. */
  readonly known: readonly JudgedBox[]
  /** A known box of this logit at least is a face: what the looks propose in its place is not judged again. */
  readonly minLogit: number
  /** Faces are sought that are so turned; boxes are those of the picture as it is. */
  readonly quarters: Quarters
  /** Boxes of this suspicion at least are not judged, except for the best; left out: all are judged. */
  readonly sureSum?: number
}

/**
 * The best boxes are judged however sure the first two networks are: whether a picture lies on its side is told by them, and
 * a picture of fewer faces than this is not dear.
 */
const ALWAYS_JUDGED = 16

/** A box that the last network may not have seen yet. */
interface Suspect extends ScoredBox {
  readonly judged: JudgedBox | null
}

/**
 * One step of the cascade: the looks propose boxes, the refiner drops most of them, and the judge sees those that are
 * left. Boxes of all looks and steps are pooled before the judge, which is the dearest of the three for each box.
 * @param picture its working pixels, and the same smaller
 */
export async function runCascade(
  { picture, preview }: { readonly picture: Pixels; readonly preview: Pixels },
  { looks, known, minLogit, quarters, sureSum = Number.POSITIVE_INFINITY }: CascadeStep,
  networks: CascadeNetworks,
): Promise<JudgedBox[]> {
  const turned = { levels: levelsOf(picture, preview), quarters }
  const suspects: Suspect[] = known.map((judged) => ({ box: judged.box, score: judged.suspicion, judged }))
  const settled = known.filter(({ logit }) => logit >= minLogit)
  for (const longest of looks) suspects.push(...(await look({ turned, settled }, longest, networks)))
  const pooled = suppressDuplicates(suspects, (kept, box) => iou(kept, box) > MAX_IOU)
  const fresh = pooled.filter(({ judged }) => judged === null)
  const isSure = ({ score }: Suspect, index: number) => index >= ALWAYS_JUDGED && score >= sureSum
  const doubtful = fresh.filter((suspect, index) => !isSure(suspect, index))
  const verdicts = await judgeBoxes(
    turned,
    doubtful.map(({ box }) => box),
    networks.judge,
  )
  return [
    ...pooled.flatMap(({ judged }) => judged ?? []),
    ...doubtful.map(({ box, score }, index) => judgedBox(box, score, (score + (verdicts[index] ?? 0)) / 3)),
    ...fresh.filter(isSure).map(({ box, score }) => judgedBox(box, score, score / 2)),
  ]
}

function judgedBox(box: Box, suspicion: number, logit: number): JudgedBox {
  return { box, suspicion, logit }
}

async function look(
  { turned, settled }: { readonly turned: TurnedPicture; readonly settled: readonly JudgedBox[] },
  longest: number,
  { settings, proposer, refiner }: CascadeNetworks,
): Promise<Suspect[]> {
  const all = await proposeBoxes(turned, levelAt(turned.levels, longest), proposer)
  const proposals = all.filter(({ box }) => !settled.some((face) => iou(face.box, box) > MAX_IOU))
  const logits = await judgeBoxes(
    turned,
    proposals.map(({ box }) => box),
    refiner,
  )
  return proposals.flatMap(({ box, score }, index) => {
    const logit = logits[index] ?? 0
    return logit < settings.refiner.minLogit ? [] : [{ box, score: score + logit, judged: null }]
  })
}
