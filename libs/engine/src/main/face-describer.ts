import {
  type Box,
  type ChipMeasures,
  type CropRequest,
  type Effort,
  type Face,
  type FaceSigns,
  type FivePoints,
  judgeFace,
  type PackId,
  type QualityModel,
} from '@semblance/core'
import { eyeLineAngle, type FacePoints, fivePointsOf, type Landmarks } from '../faces/face-points.ts'
import { joinDescriptor } from '../faces/join-descriptor.ts'
import type { Quarters } from '../geometry/quarters.ts'
import type { SummedFeatures } from '../messages/face-task.ts'
import { cropFrame } from './crop/crop-frame.ts'
import { encodeCrop } from './crop/encode-crop.ts'
import type { Inference } from './inference.ts'
import type { TaskWork } from './pool/thread-pool.ts'
import { boxToView, type PictureView, pointToPicture, pointToView } from './views/picture-view.ts'

export interface FaceDescriberDeps {
  readonly inference: Inference
  readonly packId: PackId
  readonly landmarks: Landmarks
  /** The networks that make the descriptor, and how many views of a face each looks at. */
  readonly parts: readonly Readonly<Record<Effort, number>>[]
  /**
   * Views of one task. A search waits for the task at work: on processors, where a run over many chips is no faster for
   * each, one view a task keeps that short.
   */
  readonly viewsPerTask: number
  /** The pack's own; left out: faces are not judged. */
  readonly quality?: QualityModel | undefined
}

export interface FacePlace {
  /** The box in picture pixels. */
  readonly box: Box
  readonly boxInPicture: Box
  readonly score: number
  readonly quarters: Quarters
  /** Clockwise degrees beyond the quarters, a multiple of 45. */
  readonly tilt: number
  /** See `FaceGeometry.isDimmed`. */
  readonly isDimmed?: boolean
  /** What the networks see, and what crops are cut from. */
  readonly view: PictureView
  readonly original: PictureView
}

export interface LocatedFace extends FacePlace {
  /** All points in the view's pixels. */
  readonly points: FacePoints
  /** The five points in picture pixels. */
  readonly fivePoints: FivePoints
  readonly landmarkDisagreement: number | null
}

interface DescribedPoints extends Omit<FaceSigns, 'contour'> {
  readonly values: Float32Array
}

interface DescribedPart {
  readonly values: Float32Array
  readonly norm: number
  readonly agreement: number
  /** Of the first part alone. */
  readonly chip: ChipMeasures | null
}

/** Of a pack without recognizers, which there is none of. */
const NO_CHIP: ChipMeasures = {
  mean: 0,
  deviation: 0,
  dark: 0,
  light: 0,
  fine: 0,
  coarse: 0,
  eyes: 0,
  mouth: 0,
  flat: 0,
}

/** Goes from a box to landmarks, descriptor and crop. */
export class FaceDescriber {
  readonly #deps: FaceDescriberDeps

  constructor(deps: FaceDescriberDeps) {
    this.#deps = deps
  }

  async locate(place: FacePlace, work: TaskWork): Promise<LocatedFace> {
    const { inference, landmarks } = this.#deps
    const { box, view, quarters, tilt } = place
    const { points, disagreement } = await inference.run(
      { kind: 'landmarks', picture: view.pixels, box: boxToView(box, view), quarters, tilt },
      work,
    )
    const [one, two, three, four, five] = fivePointsOf(points, landmarks)
    const at = (point: typeof one): typeof one => pointToPicture(point, view)
    const fivePoints = [at(one), at(two), at(three), at(four), at(five)] as const
    return { ...place, points, fivePoints, landmarkDisagreement: disagreement }
  }

  async describe(
    face: LocatedFace,
    request: { readonly effort: Effort; readonly crop: CropRequest | null },
    work: TaskWork,
  ): Promise<Face> {
    const { box, boxInPicture, score, fivePoints, landmarkDisagreement } = face
    const [{ values, ...signs }, crop] = await Promise.all([
      this.describePoints(face, request.effort, work),
      request.crop === null ? null : this.cut(face, request.crop, work),
    ])
    const described = {
      box,
      boxInPicture,
      score,
      landmarks: fivePoints,
      rotationAngle: (eyeLineAngle(fivePoints) * 180) / Math.PI,
      landmarkDisagreement,
      ...(face.isDimmed === true ? { isDimmed: true } : {}),
      descriptor: { packId: this.#deps.packId, values },
      signs: { ...signs, contour: face.points.map((point) => pointToPicture(point, face.view)) },
      crop,
    }
    const quality = judgeFace(described, this.#deps.quality)
    return quality === null ? described : { ...described, quality }
  }

  /** The networks, and the views of each, run side by side where threads are free. */
  async describePoints(face: LocatedFace, effort: Effort, work: TaskWork): Promise<DescribedPoints> {
    const parts = await Promise.all(
      this.#deps.parts.map((views, part) =>
        this.#describePart(face, { part, effort, views: views[effort] }, work),
      ),
    )
    return {
      values: joinDescriptor(parts.map(({ values }) => values)),
      norms: parts.map(({ norm }) => norm),
      agreements: parts.map(({ agreement }) => agreement),
      chip: parts[0]?.chip ?? NO_CHIP,
    }
  }

  async #describePart(
    { view, points }: LocatedFace,
    request: { readonly part: number; readonly effort: Effort; readonly views: number },
    work: TaskWork,
  ): Promise<DescribedPart> {
    const { inference, viewsPerTask } = this.#deps
    const { part, effort, views } = request
    const starts = Array.from({ length: Math.ceil(views / viewsPerTask) }, (_, i) => i * viewsPerTask)
    const runs = await Promise.all(
      starts.map((from) => {
        const range = [from, Math.min(views, from + viewsPerTask)] as const
        // Once for each face: the networks see nearly the same.
        const measuresChip = part === 0 && from === 0
        const finishes = starts.length === 1
        const asked = { part, points, effort, views: range, measuresChip, finishes }
        return inference.run({ kind: 'describe', picture: view.pixels, ...asked }, work)
      }),
    )
    const sums = runs.map(({ sum }) => sum)
    const values = runs[0]?.part ?? (await inference.run({ kind: 'finish', part, sums }, work))
    return { values, ...signsOf(runs), chip: runs[0]?.measures ?? null }
  }

  /** An upright picture of the face, as a JPEG. */
  async cut(
    { original, fivePoints }: LocatedFace,
    request: CropRequest,
    work: TaskWork,
  ): Promise<Uint8Array> {
    const [one, two, three, four, five] = fivePoints
    const at = (point: typeof one): typeof one => pointToView(point, original)
    const { toPicture, ...size } = cropFrame([at(one), at(two), at(three), at(four), at(five)], request)
    const { padColor } = request
    const rgb = await this.#deps.inference.run(
      { kind: 'warp', picture: original.pixels, toPicture, size, padColor },
      work,
    )
    return encodeCrop(rgb, size)
  }
}

/** The length of the chips' features, and how alike they are: the squared length of their mean by their mean squared length. */
function signsOf(runs: readonly SummedFeatures[]): { readonly norm: number; readonly agreement: number } {
  const chips = runs.reduce((total, run) => total + run.chips, 0)
  const squares = runs.reduce((total, run) => total + run.squares, 0)
  const [first] = runs
  let whole = 0
  for (let i = 0; i < (first?.sum.length ?? 0); i++) {
    const value = runs.reduce((total, { sum }) => total + (sum[i] ?? 0), 0)
    whole += value * value
  }
  return {
    norm: Math.sqrt(squares / Math.max(1, chips)),
    agreement: squares === 0 ? 0 : whole / (chips * squares),
  }
}
