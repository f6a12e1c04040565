import type {
  CropRequest,
  ExaminedFace,
  ExamineFacesRequest,
  FaceAttribute,
  FaceAttributes,
  PictureInfo,
  PixelMeasures,
} from '@semblance/core'
import { eyeLineAngle } from '../../faces/face-points.ts'
import { applySimilarity } from '../../geometry/similarity.ts'
import type { AttributeNetworks } from '../../packs/pack-manifest.ts'
import { cropFrame } from '../crop/crop-frame.ts'
import type { FaceDescriber, LocatedFace } from '../face-describer.ts'
import type { Inference } from '../inference.ts'
import type { TaskWork } from '../pool/thread-pool.ts'
import { boxToView, pointToPicture, pointToView, wholeOf } from '../views/picture-view.ts'
import { ageRange } from './age-range.ts'
import { shareOutside } from './share-outside.ts'

export interface FaceExaminerDeps {
  readonly inference: Inference
  readonly describer: Pick<FaceDescriber, 'cut'>
  readonly attributes: AttributeNetworks
}

/** Tells what a located face looks like. */
export class FaceExaminer {
  readonly #deps: FaceExaminerDeps

  constructor(deps: FaceExaminerDeps) {
    this.#deps = deps
  }

  /** The steps run side by side where threads are free. */
  async examine(
    face: LocatedFace,
    job: { readonly picture: PictureInfo; readonly request: ExamineFacesRequest },
    work: TaskWork,
  ): Promise<ExaminedFace> {
    const { crop, measurePixels, attributes } = job.request
    const [jpeg, pixels, told] = await Promise.all([
      crop === null ? null : this.#deps.describer.cut(face, crop, work),
      measurePixels ? this.#measure(face, work) : null,
      this.#attributesOf(face, attributes, work),
    ])
    const { box, boxInPicture, score, fivePoints, points, view, landmarkDisagreement } = face
    return {
      box,
      boxInPicture,
      score,
      landmarks: fivePoints,
      rotationAngle: (eyeLineAngle(fivePoints) * 180) / Math.PI,
      landmarkDisagreement,
      contour: points.map((point) => pointToPicture(point, view)),
      crop: jpeg,
      paddingRatio: crop === null ? 0 : paddingOf(face, crop, job.picture),
      pixels,
      attributes: told,
    }
  }

  /** Measures the picture's own pixels as far as we hold them: reduced ones look sharper than they are. */
  #measure({ points, view, original }: LocatedFace, work: TaskWork): Promise<PixelMeasures | null> {
    const onOriginal = points.map((point) => pointToView(pointToPicture(point, view), original))
    const task = { kind: 'measure', picture: original.pixels, points: onOriginal } as const
    return this.#deps.inference.run(task, work)
  }

  async #attributesOf(
    face: LocatedFace,
    wanted: readonly FaceAttribute[],
    work: TaskWork,
  ): Promise<FaceAttributes> {
    const [age, emotion] = await Promise.all([
      wanted.includes('age') ? this.#probabilities(face, 'age', work) : null,
      wanted.includes('emotion') ? this.#probabilities(face, 'emotion', work) : null,
    ])
    const labels = this.#deps.attributes.emotion?.labels ?? []
    return {
      age: age === null ? null : ageRange(age),
      emotion: emotion === null ? null : mostLikely(emotion, labels),
    }
  }

  async #probabilities(
    { view, points }: LocatedFace,
    attribute: FaceAttribute,
    work: TaskWork,
  ): Promise<Float32Array | null> {
    if (this.#deps.attributes[attribute] === undefined) return null
    return this.#deps.inference.run({ kind: 'attribute', attribute, picture: view.pixels, points }, work)
  }
}

function mostLikely(probabilities: Float32Array, labels: readonly string[]): FaceAttributes['emotion'] {
  const best = probabilities.indexOf(Math.max(...probabilities))
  return {
    expression: labels[best] ?? 'neutral',
    neutral: probabilities[labels.indexOf('neutral')] ?? 0,
  }
}

/** Share of the crop's area that the picture does not cover. */
function paddingOf({ original, fivePoints }: LocatedFace, crop: CropRequest, picture: PictureInfo): number {
  const [one, two, three, four, five] = fivePoints
  const at = (point: typeof one): typeof one => pointToView(point, original)
  const { toPicture, width, height } = cropFrame([at(one), at(two), at(three), at(four), at(five)], crop)
  const corners = [
    { x: 0, y: 0 },
    { x: width, y: 0 },
    { x: width, y: height },
    { x: 0, y: height },
  ]
  const outline = corners.map((corner) => applySimilarity(toPicture, corner))
  return shareOutside(outline, boxToView(wholeOf(picture), original))
}
