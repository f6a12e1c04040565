import { chooseCentralFace, largestFirst } from './detect/choose-faces.ts'
import { mergeLooks } from './detect/merge-looks.ts'
import { planLooks } from './detect/plan-looks.ts'
import type { ScoredBox } from './geometry/boxes.ts'
import type { Inference } from './inference.ts'
import type { SsdDetector } from './packs/pack-manifest.ts'
import type { TaskWork } from './threads/thread-pool.ts'
import { boxToPicture, type PictureView } from './views/picture-view.ts'

export interface FaceFinderDeps {
  readonly inference: Inference
  readonly detector: SsdDetector
  readonly maxFaces: number
}

/** Finds faces by several looks of the detector, which run side by side on the threads. */
export class FaceFinder {
  readonly #deps: FaceFinderDeps

  constructor(deps: FaceFinderDeps) {
    this.#deps = deps
  }

  /** In picture pixels, largest first; at most one for `central`. */
  async find(whole: PictureView, faces: 'central' | 'all', work: TaskWork): Promise<readonly ScoredBox[]> {
    const { detector, inference, maxFaces } = this.#deps
    const { pixels } = whole
    const longest = longestOf(detector)
    const results = await Promise.all(
      planLooks(pixels, { faces, longest }).map(async (look) => ({
        look,
        boxes: await inference.run({ kind: 'detect', picture: pixels, look }, work),
      })),
    )
    const boxes = mergeLooks(pixels, results, detector.maxIou)
    const central = faces === 'central' ? chooseCentralFace(boxes, pixels) : null
    const chosen =
      faces === 'all' ? largestFirst(boxes).slice(0, maxFaces) : central === null ? [] : [central]
    return chosen.map(({ box, score }) => ({ box: boxToPicture(box, whole), score }))
  }
}

function longestOf({ input }: SsdDetector): number {
  return 'side' in input.size ? input.size.side : input.size.longest
}
