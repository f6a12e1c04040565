import type { ScoredBox } from '../../geometry/boxes.ts'
import type { SsdDetector } from '../../packs/pack-manifest.ts'

/** Face logit, then centre y, x and log height, width relative to the anchor. */
const VALUES_PER_ANCHOR = 5

export interface SsdOutput {
  readonly predictions: Float32Array
  /** Size of the canvas that was given to the network. */
  readonly width: number
  readonly height: number
}

/** How many numbers the network gives of a canvas of that size. */
export function predictionsOf(
  { levels }: Pick<SsdDetector, 'levels'>,
  { width, height }: Pick<SsdOutput, 'width' | 'height'>,
): number {
  const anchors = levels.reduce(
    (sum, { stride, anchors: own }) =>
      sum + Math.ceil(width / stride) * Math.ceil(height / stride) * own.length,
    0,
  )
  return VALUES_PER_ANCHOR * anchors
}

/** Boxes of at least the detector's score, in canvas pixels and in the network's order, before any suppression. */
export function decodeSsdBoxes(detector: SsdDetector, output: SsdOutput): ScoredBox[] {
  const { predictions, width, height } = output
  const minLogit = Math.log(detector.minScore / (1 - detector.minScore))
  const found: ScoredBox[] = []
  let at = 0
  for (const { stride, anchors } of detector.levels) {
    const columns = Math.ceil(width / stride)
    const cells = columns * Math.ceil(height / stride)
    for (let cell = 0; cell < cells; cell++) {
      const x = ((cell % columns) + 0.5) * stride
      const y = (Math.floor(cell / columns) + 0.5) * stride
      for (const [anchorWidth, anchorHeight] of anchors) {
        if ((predictions[at] ?? Number.NEGATIVE_INFINITY) >= minLogit) {
          const anchor = { x, y, width: anchorWidth, height: anchorHeight }
          found.push(decodeBox(predictions.subarray(at, at + VALUES_PER_ANCHOR), anchor, detector.variances))
        }
        at += VALUES_PER_ANCHOR
      }
    }
  }
  return found
}

/** An anchor has its centre at x, y. */
interface Anchor {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function decodeBox(values: Float32Array, anchor: Anchor, variances: readonly [number, number]): ScoredBox {
  const [logit = 0, y = 0, x = 0, logHeight = 0, logWidth = 0] = values
  const [ofCentre, ofSize] = variances
  const width = Math.exp(logWidth / ofSize) * anchor.width
  const height = Math.exp(logHeight / ofSize) * anchor.height
  const centreX = (x / ofCentre) * anchor.width + anchor.x
  const centreY = (y / ofCentre) * anchor.height + anchor.y
  return {
    box: { x: centreX - width / 2, y: centreY - height / 2, width, height },
    score: 1 / (1 + Math.exp(-logit)),
  }
}
