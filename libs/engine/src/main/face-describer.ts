import type { Box, CropRequest, Effort, Face, FivePoints, PackId } from '@semblance/core'
import { eyeLineAngle, type FacePoints, fivePointsOf, type Landmarks } from '../faces/face-points.ts'
import { joinDescriptor } from '../faces/join-descriptor.ts'
import type { Quarters } from '../geometry/quarters.ts'
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
}

export interface FacePlace {
  /** The box in picture pixels. */
  readonly box: Box
  readonly boxInPicture: Box
  readonly score: number
  readonly quarters: Quarters
  /** Clockwise degrees beyond the quarters, a multiple of 45. */
  readonly tilt: number
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
    const [values, crop] = await Promise.all([
      this.describePoints(face, request.effort, work),
      request.crop === null ? null : this.cut(face, request.crop, work),
    ])
    return {
      box,
      boxInPicture,
      score,
      landmarks: fivePoints,
      rotationAngle: (eyeLineAngle(fivePoints) * 180) / Math.PI,
      landmarkDisagreement,
      descriptor: { packId: this.#deps.packId, values },
      crop,
    }
  }

  /** The networks, and the views of each, run side by side where threads are free. */
  async describePoints(face: LocatedFace, effort: Effort, work: TaskWork): Promise<Float32Array> {
    const parts = this.#deps.parts.map((views, part) =>
      this.#describePart(face, { part, effort, views: views[effort] }, work),
    )
    return joinDescriptor(await Promise.all(parts))
  }

  async #describePart(
    { view, points }: LocatedFace,
    request: { readonly part: number; readonly effort: Effort; readonly views: number },
    work: TaskWork,
  ): Promise<Float32Array> {
    const { inference, viewsPerTask } = this.#deps
    const { part, effort, views } = request
    const starts = Array.from({ length: Math.ceil(views / viewsPerTask) }, (_, i) => i * viewsPerTask)
    const runs = starts.map((from) => {
      const range = [from, Math.min(views, from + viewsPerTask)] as const
      return inference.run(
        { kind: 'describe', picture: view.pixels, part, points, effort, views: range },
        work,
      )
    })
    return inference.run({ kind: 'finish', part, sums: await Promise.all(runs) }, work)
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
