import type { ScoredBox } from '../../../geometry/boxes.ts'
import type { Pixels } from '../../../geometry/pixels.ts'
import type { DetectorLook } from '../../../inference-thread/detect/detect-look.ts'
import type { SsdDetector } from '../../../packs/pack-manifest.ts'
import type { Inference } from '../../inference.ts'
import type { TaskWork } from '../../pool/thread-pool.ts'
import { boxToPicture, viewOf, type WholeView, wholeOf } from '../../views/picture-view.ts'
import { chooseCentralFace, largestFirst } from '../choose-faces.ts'
import type { FaceDetector, FoundFace, FoundFaces } from '../face-detector.ts'
import { type LookResult, mergeLooks } from './merge-looks.ts'
import { planLooks } from './plan-looks.ts'

export interface SsdFaceDetectorDeps {
  readonly inference: Inference
  readonly detector: SsdDetector
  readonly maxFaces: number
}

/** In pixels of the view. */
interface SeenBoxes {
  readonly boxes: readonly ScoredBox[]
  readonly seen: readonly ScoredBox[]
}

/** Finds faces by several looks of an SSD, which run side by side on the threads. */
export class SsdFaceDetector implements FaceDetector {
  readonly #deps: SsdFaceDetectorDeps

  constructor(deps: SsdFaceDetectorDeps) {
    this.#deps = deps
  }

  readonly turnsPictures = false
  readonly seesFew = false

  get previewSide(): number {
    return longestOf(this.#deps.detector)
  }

  async find(whole: WholeView, faces: 'central' | 'all', work: TaskWork): Promise<FoundFaces> {
    const { boxes, seen } = await (faces === 'all'
      ? this.#findAll(whole, work)
      : this.#findCentral(whole, work))
    const inPicture = ({ box, score }: ScoredBox): FoundFace => ({
      box: boxToPicture(box, whole),
      score,
      quarters: 0,
      tilt: 0,
    })
    return { boxes: boxes.map(inPicture), seen: seen.map(inPicture) }
  }

  async #findAll(whole: WholeView, work: TaskWork): Promise<SeenBoxes> {
    const { detector, maxFaces } = this.#deps
    const { pixels, preview } = whole
    const { coarse, fine, tiles } = planLooks(pixels, preview, longestOf(detector))
    const results = await Promise.all([
      ...[fine, coarse].map((look) => this.#lookAtPreview(whole, look, work)),
      ...tiles.map((look) => this.#look(pixels, look, { ...work, isDear: true })),
    ])
    const boxes = largestFirst(mergeLooks(pixels, results, detector.maxIou)).slice(0, maxFaces)
    return { boxes, seen: boxes }
  }

  /** Takes both looks at the whole picture side by side, and tiles only for a face that is too small for them. */
  async #findCentral(whole: WholeView, work: TaskWork): Promise<SeenBoxes> {
    const { pixels, preview } = whole
    const { coarse, fine, tiles } = planLooks(pixels, preview, longestOf(this.#deps.detector))
    const results = await Promise.all([fine, coarse].map((look) => this.#lookAtPreview(whole, look, work)))
    const large = this.#centralOf(pixels, results)
    if (large.boxes.length > 0) return large
    const parts = await Promise.all(tiles.map((look) => this.#look(pixels, look, { ...work, isDear: true })))
    return this.#centralOf(pixels, parts)
  }

  #centralOf(pixels: Pixels, looks: readonly LookResult[]): SeenBoxes {
    const { detector, maxFaces } = this.#deps
    const all = mergeLooks(pixels, looks, detector.maxIou)
    const central = chooseCentralFace(all, pixels)
    return { boxes: central === null ? [] : [central], seen: all.slice(0, maxFaces) }
  }

  async #lookAtPreview(whole: WholeView, look: DetectorLook, work: TaskWork): Promise<LookResult> {
    const { pixels, preview } = whole
    const toPixels = viewOf(preview, wholeOf(pixels))
    const { region, boxes } = await this.#look(preview, look, work)
    const scaled = boxes.map(({ box, score }) => ({ box: boxToPicture(box, toPixels), score }))
    return { region: boxToPicture(region, toPixels), boxes: scaled }
  }

  async #look(picture: Pixels, look: DetectorLook, work: TaskWork): Promise<LookResult> {
    const boxes = await this.#deps.inference.run({ kind: 'detect', picture, look }, work)
    return { region: look.region, boxes }
  }
}

/** The longer side of what the detector was trained on, pixels. */
function longestOf({ input }: SsdDetector): number {
  return 'side' in input.size ? input.size.side : input.size.longest
}
