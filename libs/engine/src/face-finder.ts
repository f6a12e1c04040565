import { chooseCentralFace, largestFirst, obviousFace } from './detect/choose-faces.ts'
import type { DetectorLook } from './detect/detect-look.ts'
import { type LookResult, mergeLooks } from './detect/merge-looks.ts'
import { planLooks } from './detect/plan-looks.ts'
import type { ScoredBox } from './geometry/boxes.ts'
import type { Pixels } from './geometry/pixels.ts'
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
    const chosen =
      faces === 'all' ? await this.#findAll(whole.pixels, work) : await this.#findCentral(whole.pixels, work)
    return chosen.map(({ box, score }) => ({ box: boxToPicture(box, whole), score }))
  }

  async #findAll(picture: Pixels, work: TaskWork): Promise<readonly ScoredBox[]> {
    const { detector, maxFaces } = this.#deps
    const { coarse, fine, tiles } = planLooks(picture, longestOf(detector))
    const results = await this.#look(picture, [fine, coarse, ...tiles], work)
    return largestFirst(mergeLooks(picture, results, detector.maxIou)).slice(0, maxFaces)
  }

  /** Looks from coarse to fine until there is a face: the coarse one is cheap and settles most portraits. */
  async #findCentral(picture: Pixels, work: TaskWork): Promise<readonly ScoredBox[]> {
    const { detector } = this.#deps
    const { coarse, fine, tiles } = planLooks(picture, longestOf(detector))
    const results = await this.#look(picture, [coarse], work)
    const obvious = obviousFace(results, picture)
    if (obvious !== null) return [obvious]
    for (const looks of [[fine], tiles]) {
      results.push(...(await this.#look(picture, looks, work)))
      const central = chooseCentralFace(mergeLooks(picture, results, detector.maxIou), picture)
      if (central !== null) return [central]
    }
    return []
  }

  #look(picture: Pixels, looks: readonly DetectorLook[], work: TaskWork): Promise<LookResult[]> {
    return Promise.all(
      looks.map(async (look) => ({
        look,
        boxes: await this.#deps.inference.run({ kind: 'detect', picture, look }, work),
      })),
    )
  }
}

function longestOf({ input }: SsdDetector): number {
  return 'side' in input.size ? input.size.side : input.size.longest
}
