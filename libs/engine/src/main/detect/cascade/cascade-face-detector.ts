import { facesAmong, type JudgedBox, probabilityOf } from '../../../faces/judged-box.ts'
import type { ScoredBox } from '../../../geometry/boxes.ts'
import type { Pixels } from '../../../geometry/pixels.ts'
import type { CascadeStep } from '../../../inference-thread/detect/cascade/run-cascade.ts'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import type { Inference } from '../../inference.ts'
import type { TaskWork } from '../../pool/thread-pool.ts'
import { boxToPicture, type WholeView } from '../../views/picture-view.ts'
import { chooseCentralFace, largestFirst } from '../choose-faces.ts'
import type { FaceDetector, FoundFaces } from '../face-detector.ts'

export interface CascadeFaceDetectorDeps {
  readonly inference: Inference
  readonly detector: CascadeDetector
  readonly maxFaces: number
}

/** The scale of the look by which small boxes are told, and the largest look that is not a fine one; pixels. */
const MIDDLE_LOOK_PX = 640

/** A box of this logit at least may be a face. */
const DOUBTFUL = 0

/** Finds faces by steps of a cascade, each of which one inference thread runs as a whole. */
export class CascadeFaceDetector implements FaceDetector {
  readonly previewSide = MIDDLE_LOOK_PX
  readonly #deps: CascadeFaceDetectorDeps

  constructor(deps: CascadeFaceDetectorDeps) {
    this.#deps = deps
  }

  async find(whole: WholeView, faces: 'central' | 'all', work: TaskWork): Promise<FoundFaces> {
    const found = await (faces === 'all' ? this.#findEvery(whole, work) : this.#findCentral(whole, work))
    const seen = largestFirst(
      found.map(({ box, logit }) => ({ box: boxToPicture(box, whole), score: probabilityOf(logit) })),
    ).slice(0, this.#deps.maxFaces)
    return { boxes: faces === 'all' ? seen : centralOf(seen, whole), seen }
  }

  async #findCentral(whole: WholeView, work: TaskWork): Promise<readonly JudgedBox[]> {
    let known: readonly JudgedBox[] = []
    for (const { looks, minLogit, holdsMiddle } of this.#deps.detector.central) {
      known = await this.#step(whole, { looks, known, minLogit }, work)
      const faces = facesAmong(known, minLogit)
      if (holdsMiddle ? faces.some((face) => holdsMiddleOf(whole.pixels, face)) : faces.length > 0)
        return faces
    }
    return []
  }

  /** Looks closely only where faces may be that are small, which costs more than all the rest. */
  async #findEvery(whole: WholeView, work: TaskWork): Promise<readonly JudgedBox[]> {
    const { first, fine, smallPx } = this.#deps.detector.every
    const known = await this.#step(whole, { ...first, known: [] }, work)
    const faces = facesAmong(known, first.minLogit)
    const scale = MIDDLE_LOOK_PX / Math.max(whole.pixels.width, whole.pixels.height)
    const hasSmall = known.some(
      ({ box, logit }) => logit >= DOUBTFUL && Math.max(box.width, box.height) * scale < smallPx,
    )
    if (scale >= 1 || (faces.length > 0 && !hasSmall)) return faces
    const all = await this.#step(whole, { ...fine, known }, { ...work, isTile: true })
    return facesAmong(all, fine.minLogit)
  }

  #step(
    { pixels: picture, preview }: WholeView,
    step: CascadeStep,
    work: TaskWork,
  ): Promise<readonly JudgedBox[]> {
    return this.#deps.inference.run({ kind: 'cascade', picture, preview, step }, work)
  }
}

function holdsMiddleOf({ width, height }: Pixels, { box }: JudgedBox): boolean {
  const [x, y] = [width / 2 - box.x, height / 2 - box.y]
  return x >= 0 && y >= 0 && x <= box.width && y <= box.height
}

function centralOf(seen: readonly ScoredBox[], whole: WholeView): readonly ScoredBox[] {
  const picture = { width: whole.pixels.width * whole.scale.x, height: whole.pixels.height * whole.scale.y }
  const central = chooseCentralFace(seen, picture)
  return central === null ? [] : [central]
}
