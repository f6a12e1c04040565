import type { Box } from '@semblance/core'
import { iou, overlapOfSmaller, suppressDuplicates } from '../geometry/boxes.ts'

/** A box that every network of the cascade has seen. Logits are ln(p / (1 - p)) of the probability of a face. */
export interface JudgedBox {
  readonly box: Box
  /** The sum of the logits of the proposer and the first judge. */
  readonly suspicion: number
  /** The mean of all three logits, -10 to 10. */
  readonly logit: number
}

/** Boxes that overlap more than this, by intersection over union, are one face. */
export const MAX_IOU = 0.4

/** Of a box that lies in a better one by more than this share of the smaller, both show one face. */
const MAX_OVERLAP = 0.6

/** Each face once, best first. Faces that overlap, such as that of a child in somebody's arms, are both kept. */
export function facesAmong(boxes: readonly JudgedBox[], minLogit: number): JudgedBox[] {
  const faces = boxes.filter(({ logit }) => logit >= minLogit).map((face) => ({ ...face, score: face.logit }))
  const kept = suppressDuplicates(
    faces,
    (better, box) => iou(better, box) > MAX_IOU || overlapOfSmaller(better, box) > MAX_OVERLAP,
  )
  return kept.map(({ box, suspicion, logit }) => ({ box, suspicion, logit }))
}

/** The probability that a logit stands for, 0..1. */
export function probabilityOf(logit: number): number {
  return 1 / (1 + Math.exp(-logit))
}
