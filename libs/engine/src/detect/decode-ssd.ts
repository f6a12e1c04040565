import type { SsdDetector } from '../packs/pack-manifest.ts'

/** A face box in pixels of the detector's input, x right and y down; `score` 0..1. */
export type ScoredBox = {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly score: number
}

/** Numbers per anchor: face logit, then the encodings y, x, height, width. */
const STEP = 5

/** Boxes with at least `detector.minScore`, in the order of the anchors, not yet merged. `predictions` is the
 *  network's output for one picture of `width` x `height`. Boxes may reach outside the picture.
 *  Throws when the predictions are not as many as that size has anchors. */
export function decodeSsd(
  detector: Pick<SsdDetector, 'levels' | 'variances' | 'minScore'>,
  predictions: Float32Array,
  { width, height }: { readonly width: number; readonly height: number },
): ScoredBox[] {
  const minLogit = Math.log(detector.minScore / (1 - detector.minScore))
  const boxes: ScoredBox[] = []
  let offset = 0
  for (const { stride, anchors } of detector.levels) {
    const columns = Math.ceil(width / stride)
    const cells = columns * Math.ceil(height / stride)
    for (let index = 0; index < cells * anchors.length; index++, offset += STEP) {
      if ((predictions[offset] ?? Number.NaN) < minLogit) continue
      const cell = Math.floor(index / anchors.length)
      const centre: Point = [((cell % columns) + 0.5) * stride, (Math.floor(cell / columns) + 0.5) * stride]
      const anchor = { centre, size: anchors[index % anchors.length] ?? [0, 0] }
      boxes.push(decodeBox(predictions.subarray(offset, offset + STEP), anchor, detector.variances))
    }
  }
  if (offset !== predictions.length) {
    throw new Error(
      `The detector gave ${predictions.length} numbers for ${width} x ${height}, not ${offset}.`,
    )
  }
  return boxes
}

type Point = readonly [x: number, y: number]
type Anchor = { readonly centre: Point; readonly size: readonly [width: number, height: number] }

function decodeBox(
  prediction: Float32Array,
  anchor: Anchor,
  variances: readonly [number, number],
): ScoredBox {
  const [logit = 0, dy = 0, dx = 0, dh = 0, dw = 0] = prediction
  const [width, height] = anchor.size
  const x = anchor.centre[0] + (dx / variances[0]) * width
  const y = anchor.centre[1] + (dy / variances[0]) * height
  const halfWidth = (Math.exp(dw / variances[1]) * width) / 2
  const halfHeight = (Math.exp(dh / variances[1]) * height) / 2
  return {
    left: x - halfWidth,
    top: y - halfHeight,
    right: x + halfWidth,
    bottom: y + halfHeight,
    score: 1 / (1 + Math.exp(-logit)),
  }
}
