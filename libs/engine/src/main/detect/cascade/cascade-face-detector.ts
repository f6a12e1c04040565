import { facesAmong, type JudgedBox, probabilityOf } from '../../../faces/judged-box.ts'
import type { Pixels } from '../../../geometry/pixels.ts'
import { type Quarters, TURNED } from '../../../geometry/quarters.ts'
import type { CascadeStep } from '../../../inference-thread/detect/cascade/run-cascade.ts'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import type { Inference } from '../../inference.ts'
import type { TaskWork } from '../../pool/thread-pool.ts'
import { boxToPicture, boxToView, type TonedPixels, type WholeView } from '../../views/picture-view.ts'
import { chooseCentralFace, largestFirst } from '../choose-faces.ts'
import type { FaceDetector, FoundFace, FoundFaces } from '../face-detector.ts'
import { bestTurn, highestLogit, type TurnedFaces } from './best-turn.ts'
import { dimmed, findInGlare } from './find-in-glare.ts'

export interface CascadeFaceDetectorDeps {
  readonly inference: Inference
  readonly detector: CascadeDetector
  readonly maxFaces: number
}

/** The scale of the look by which small boxes are told, and the largest look that is not a fine one; pixels. */
const MIDDLE_LOOK_PX = 640

/** A box of this logit at least may be a face. */
const DOUBTFUL = 0

/** The most faces of a picture whose tilt is tested, which costs as much as judging eight boxes. */
const MOST_TILTED = 4

interface Step {
  readonly looks: readonly number[]
  readonly minLogit: number
}

interface Search {
  readonly whole: WholeView
  readonly work: TaskWork
}

/** Finds faces by steps of a cascade, each of which one inference thread runs as a whole. */
export class CascadeFaceDetector implements FaceDetector {
  readonly previewSide = MIDDLE_LOOK_PX
  readonly turnsPictures = true
  readonly seesFew = true
  readonly #deps: CascadeFaceDetectorDeps

  constructor(deps: CascadeFaceDetectorDeps) {
    this.#deps = deps
  }

  async find(whole: WholeView, wanted: 'central' | 'all', work: TaskWork): Promise<FoundFaces> {
    const search = { whole, work }
    const found = await (wanted === 'all' ? this.#findEvery(search) : this.#findCentral(search))
    if (found.faces.length > 0) return this.#foundFaces(search, found, wanted)
    const glaring = await findInGlare(aside(search), this.#deps)
    if (glaring === null) return { boxes: [], seen: [] }
    const { faces, dimmed } = glaring
    const { pixels, preview } = dimmed
    const inDimmed = { ...aside(search), whole: { ...whole, pixels, preview } }
    return { ...(await this.#foundFaces(inDimmed, { faces, quarters: 0 }, wanted)), dimmed }
  }

  dim(whole: WholeView, work: TaskWork): Promise<TonedPixels> {
    return dimmed(whole, this.#deps.inference, work)
  }

  async #foundFaces(
    search: Search,
    { faces, quarters }: TurnedFaces,
    wanted: 'central' | 'all',
  ): Promise<FoundFaces> {
    const { whole } = search
    const seen = largestFirst(
      faces.map(({ box, logit }) => ({
        box: boxToPicture(box, whole),
        score: probabilityOf(logit),
        quarters,
        tilt: 0,
      })),
    ).slice(0, this.#deps.maxFaces)
    const boxes = wanted === 'all' ? seen : centralOf(seen, whole)
    return { boxes: await this.#tilted(search, boxes), seen }
  }

  /** Faces that are not sure, or of a turned picture, may be tilted too far for the landmarks: the largest are tested. */
  async #tilted(search: Search, boxes: readonly FoundFace[]): Promise<readonly FoundFace[]> {
    const { inference, detector } = this.#deps
    const sure = probabilityOf(detector.turned.sureLogit)
    const doubtful = boxes
      .filter(({ score, quarters }) => score < sure || quarters !== 0)
      .slice(0, MOST_TILTED)
    const { pixels: picture, preview } = search.whole
    return Promise.all(
      boxes.map(async (face) => {
        if (!doubtful.includes(face)) return face
        const box = boxToView(face.box, search.whole)
        const { quarters } = face
        const tilt = await inference.run({ kind: 'tilt', picture, preview, box, quarters }, search.work)
        return { ...face, tilt }
      }),
    )
  }

  /** Upright faces first, step by step; as if the picture were turned before the last step, which is the dearest. */
  async #findCentral(search: Search): Promise<TurnedFaces> {
    const { central, turned } = this.#deps.detector
    const last = central.at(-1)
    let known: readonly JudgedBox[] = []
    for (const step of central) {
      if (step === last) {
        const lying = bestTurn(await this.#lookTurned(aside(search), turned.central), highestLogit)
        if (lying.faces.length > 0) return lying
      }
      const isFine = Math.max(...step.looks) > MIDDLE_LOOK_PX
      known = await this.#step(isFine ? aside(search) : search, { ...step, known, quarters: 0 })
      const faces = facesAmong(known, step.minLogit)
      const isFound = step.holdsMiddle
        ? faces.some((face) => holdsMiddleOf(search.whole.pixels, face))
        : faces.length > 0
      if (isFound) return this.#centralIfTurned(search, { faces, quarters: 0 }, step.looks)
    }
    return { faces: [], quarters: 0 }
  }

  /** An upright face that is not sure may be one that lies on its side. */
  async #centralIfTurned(
    search: Search,
    upright: TurnedFaces,
    looks: readonly number[],
  ): Promise<TurnedFaces> {
    const { sureLogit, margin, central } = this.#deps.detector.turned
    const highest = highestLogit(upright)
    if (highest >= sureLogit) return upright
    const others = await this.#lookTurned(search, { looks, minLogit: central.minLogit })
    return bestTurn([upright, ...others.filter((one) => highestLogit(one) > highest + margin)], highestLogit)
  }

  /** Looks closely only where faces may be that are small, which costs more than all the rest. */
  async #findEvery(search: Search): Promise<TurnedFaces> {
    const { first, fine, smallPx, sureSum } = this.#deps.detector.every
    const { pixels } = search.whole
    const { known, quarters } = await this.#firstOfEvery(search)
    const faces = facesAmong(known, first.minLogit)
    const scale = MIDDLE_LOOK_PX / Math.max(pixels.width, pixels.height)
    const hasSmall = known.some(
      ({ box, logit }) => logit >= DOUBTFUL && Math.max(box.width, box.height) * scale < smallPx,
    )
    if (scale >= 1 || (faces.length > 0 && !hasSmall)) return { faces, quarters }
    // Where there are faces, what is a little like one is likelier to be one: elsewhere as much is asked as at first.
    const minLogit = faces.length > 0 ? fine.minLogit : Math.max(fine.minLogit, first.minLogit)
    const all = await this.#step(aside(search), { ...fine, minLogit, known, quarters, sureSum })
    return { faces: facesAmong(all, minLogit), quarters }
  }

  /** What the first step judged, in the picture turned as most faces are. */
  async #firstOfEvery(
    search: Search,
  ): Promise<{ readonly known: readonly JudgedBox[]; readonly quarters: Quarters }> {
    const { every, turned } = this.#deps.detector
    const step = { ...every.first, known: [], sureSum: every.sureSum }
    const upright = await this.#step(search, { ...step, quarters: 0 })
    const faces = facesAmong(upright, every.first.minLogit)
    if (highestLogit({ faces }) >= turned.sureLogit) return { known: upright, quarters: 0 }
    const sum = (faces: readonly JudgedBox[]): number => faces.reduce((all, { logit }) => all + logit, 0)
    const others = await Promise.all(
      TURNED.map(async (quarters) => {
        const known = await this.#step(faces.length === 0 ? aside(search) : search, { ...step, quarters })
        return { known, quarters, faces: facesAmong(known, every.first.minLogit) }
      }),
    )
    const least = Math.max(sum(faces), turned.leastSum) + turned.margin
    const better = others.filter(
      (one) => highestLogit(one) >= turned.central.minLogit && sum(one.faces) > least,
    )
    return bestTurn([{ known: upright, quarters: 0, faces }, ...better], (one) => sum(one.faces))
  }

  #lookTurned(search: Search, step: Step): Promise<TurnedFaces[]> {
    return Promise.all(
      TURNED.map(async (quarters) => {
        const known = await this.#step(search, { ...step, known: [], quarters })
        return { faces: facesAmong(known, step.minLogit), quarters }
      }),
    )
  }

  #step(
    { whole: { pixels: picture, preview }, work }: Search,
    step: CascadeStep,
  ): Promise<readonly JudgedBox[]> {
    return this.#deps.inference.run({ kind: 'cascade', picture, preview, step }, work)
  }
}

/**
 * Looks where the first ones saw nobody take several times as long as all that a search for a face does, so other searches'
 * tasks overtake them.
 */
function aside(search: Search): Search {
  return { ...search, work: { ...search.work, isDear: true } }
}

function holdsMiddleOf({ width, height }: Pixels, { box }: JudgedBox): boolean {
  const [x, y] = [width / 2 - box.x, height / 2 - box.y]
  return x >= 0 && y >= 0 && x <= box.width && y <= box.height
}

function centralOf(seen: readonly FoundFace[], whole: WholeView): readonly FoundFace[] {
  const picture = { width: whole.pixels.width * whole.scale.x, height: whole.pixels.height * whole.scale.y }
  const central = chooseCentralFace(seen, picture)
  return central === null ? [] : [central]
}
