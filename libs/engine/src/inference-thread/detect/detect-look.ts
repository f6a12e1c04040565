import type { Box } from '@semblance/core'
import { iou, type ScoredBox, suppressDuplicates } from '../../geometry/boxes.ts'
import type { Pixels } from '../../geometry/pixels.ts'
import type { SsdDetector } from '../../packs/pack-manifest.ts'
import { resizeArea } from '../pixels/resize-area.ts'
import { soundOutput, UnsoundOutput } from '../unsound-output.ts'
import { decodeSsdBoxes, predictionsOf } from './ssd-boxes.ts'

/** One pass of the detector over a part of a picture. */
export interface DetectorLook {
  /** Whole pixels, inside the picture. */
  readonly region: Box
  /** The region's size for the detector; never larger than the region. */
  readonly size: { readonly width: number; readonly height: number }
}

export interface DetectorInput {
  /** Interleaved RGB. */
  readonly bytes: Uint8Array
  readonly width: number
  readonly height: number
}

export interface DetectorNetwork {
  readonly settings: SsdDetector
  readonly run: (input: DetectorInput) => Promise<Float32Array>
}

/**
 * The canvas grows in steps of this many pixels: its cost grows with its area (512 x 512, the size of the training,
 * takes 4 to 6 times as long as the 256 x 256 and 128 x 128 that a small picture needs, and finds the same boxes),
 * and the runtime plans its memory anew for each new size.
 */
const CANVAS_STEP_PX = 64

/** Faces in picture pixels; the same face only once. */
export async function detectInLook(
  picture: Pixels,
  { region, size }: DetectorLook,
  { settings, run }: DetectorNetwork,
): Promise<ScoredBox[]> {
  const width = toStep(size.width)
  const height = toStep(size.height)
  const bytes = resizeArea(picture, region, { width, height, filled: size })
  const predictions = soundOutput(await run({ bytes, width, height }), {
    network: settings.role,
    count: predictionsOf(settings, { width, height }),
    each: 'five numbers for each anchor',
  })
  const boxes = decodeSsdBoxes(settings, { predictions, width, height })
  if (!boxes.every(({ box }) => Number.isFinite(box.width * box.height * box.x * box.y)))
    throw new UnsoundOutput(settings.role, 'gives boxes without bounds')
  const unique = suppressDuplicates(boxes, (kept, box) => iou(kept, box) > settings.maxIou)
  const scale = { x: region.width / size.width, y: region.height / size.height }
  return unique.map(({ box, score }) => ({
    score,
    box: {
      x: region.x + box.x * scale.x,
      y: region.y + box.y * scale.y,
      width: box.width * scale.x,
      height: box.height * scale.y,
    },
  }))
}

function toStep(pixels: number): number {
  return Math.ceil(pixels / CANVAS_STEP_PX) * CANVAS_STEP_PX
}
