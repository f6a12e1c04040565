import type { Box, CropRequest, Effort, Face, FivePoints, PackId } from '@semblance/core'
import { cropFrame } from './crop/crop-frame.ts'
import { encodeCrop } from './crop/encode-crop.ts'
import { joinDescriptor } from './describe/join-descriptor.ts'
import type { Inference } from './inference.ts'
import { eyeLineAngle, type FacePoints, fivePointsOf, type Landmarks } from './landmarks/face-points.ts'
import type { TaskWork } from './threads/thread-pool.ts'
import { boxToView, type PictureView, pointToPicture } from './views/picture-view.ts'

export interface FaceDescriberDeps {
  readonly inference: Inference
  readonly packId: PackId
  readonly landmarks: Landmarks
  /** How many networks make the descriptor. */
  readonly parts: number
}

export interface FacePlace {
  /** In picture pixels. */
  readonly box: Box
  readonly score: number
  readonly view: PictureView
}

/** From a box to landmarks, descriptor and crop. */
export class FaceDescriber {
  readonly #deps: FaceDescriberDeps

  constructor(deps: FaceDescriberDeps) {
    this.#deps = deps
  }

  async describe(
    { box, score, view }: FacePlace,
    request: { readonly effort: Effort; readonly crop: CropRequest | null },
    work: TaskWork,
  ): Promise<Face> {
    const { inference, packId, landmarks } = this.#deps
    const picture = view.pixels
    const points = await inference.run({ kind: 'landmarks', picture, box: boxToView(box, view) }, work)
    const five = fivePointsOf(points, landmarks)
    const [values, crop] = await Promise.all([
      this.#describePoints(view, { points, effort: request.effort }, work),
      request.crop === null ? null : this.#cut(view, { five, request: request.crop }, work),
    ])
    const [one, two, three, four, last] = five
    const at = (point: (typeof five)[number]): (typeof five)[number] => pointToPicture(point, view)
    return {
      box,
      score,
      landmarks: [at(one), at(two), at(three), at(four), at(last)],
      rotationAngle: (eyeLineAngle(five) * 180) / Math.PI,
      descriptor: { packId, values },
      crop,
    }
  }

  /** The networks run side by side where threads are free. */
  async #describePoints(
    view: PictureView,
    face: { readonly points: FacePoints; readonly effort: Effort },
    work: TaskWork,
  ): Promise<Float32Array> {
    const { inference, parts } = this.#deps
    const runs = Array.from({ length: parts }, (_, part) =>
      inference.run({ kind: 'describe', picture: view.pixels, part, ...face }, work),
    )
    return joinDescriptor(await Promise.all(runs))
  }

  async #cut(
    view: PictureView,
    face: { readonly five: FivePoints; readonly request: CropRequest },
    work: TaskWork,
  ): Promise<Uint8Array> {
    const { toPicture, ...size } = cropFrame(face.five, face.request)
    const { padColor } = face.request
    const rgb = await this.#deps.inference.run(
      { kind: 'warp', picture: view.pixels, toPicture, size, padColor },
      work,
    )
    return encodeCrop(rgb, size)
  }
}
