import type { Box } from '@semblance/core'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import { logitOf } from './logit-of.ts'

type Proposer = CascadeDetector['proposer']

export interface ProposerOutput {
  /** Two probabilities a prior: no face, face. */
  readonly scores: Float32Array
  /** Four numbers a prior: x and y of the centre, width, height. */
  readonly encodings: Float32Array
  /** The size of the canvas that was given to the network. */
  readonly width: number
  readonly height: number
}

export interface Proposal {
  readonly box: Box
  /** ln(p / (1 - p)) of the probability of a face. */
  readonly score: number
}

/** How many the network has of a canvas of that size. */
export function priorsOf(
  { levels }: Pick<Proposer, 'levels'>,
  { width, height }: Pick<ProposerOutput, 'width' | 'height'>,
): number {
  return levels.reduce(
    (sum, { stride, priors }) => sum + Math.ceil(width / stride) * Math.ceil(height / stride) * priors.length,
    0,
  )
}

/**
 * The proposals of one look, in canvas pixels and in the network's order: level by level, row by row, the priors of a
 * cell one after the other.
 */
export function decodeRfbBoxes(proposer: Proposer, output: ProposerOutput): Proposal[] {
  const { scores, encodings, width, height } = output
  const found: Proposal[] = []
  let at = 0
  for (const { stride, priors } of proposer.levels) {
    const columns = Math.ceil(width / stride)
    const cells = columns * Math.ceil(height / stride)
    for (let cell = 0; cell < cells; cell++) {
      for (const side of priors) {
        const probability = scores[2 * at + 1] ?? 0
        if (probability >= proposer.minScore) {
          const x = ((cell % columns) + 0.5) * stride
          const y = (Math.floor(cell / columns) + 0.5) * stride
          const prior = { x, y, side }
          const box = decodeBox(encodings.subarray(4 * at, 4 * at + 4), prior, proposer.variances)
          found.push({ box, score: logitOf(probability) })
        }
        at++
      }
    }
  }
  return found
}

function decodeBox(
  encoded: Float32Array,
  prior: { readonly x: number; readonly y: number; readonly side: number },
  [ofCentre, ofSize]: Proposer['variances'],
): Box {
  const [dx = 0, dy = 0, logWidth = 0, logHeight = 0] = encoded
  const width = prior.side * Math.exp(ofSize * logWidth)
  const height = prior.side * Math.exp(ofSize * logHeight)
  const x = prior.x + ofCentre * dx * prior.side
  const y = prior.y + ofCentre * dy * prior.side
  return { x: x - width / 2, y: y - height / 2, width, height }
}
