import type { ScoredBox } from '../../geometry/boxes.ts'
import type { Quarters } from '../../geometry/quarters.ts'
import type { TaskWork } from '../pool/thread-pool.ts'
import type { TonedPixels, WholeView } from '../views/picture-view.ts'

/** A box in picture pixels. */
export interface FoundFace extends ScoredBox {
  readonly quarters: Quarters
  /** Clockwise degrees beyond the quarters, a multiple of 45: where to begin with the landmarks. */
  readonly tilt: number
}

export interface FoundFaces {
  /** Largest first. */
  readonly boxes: readonly FoundFace[]
  /** Faces seen on the way, those of `boxes` among them; a tilted head may be there twice. */
  readonly seen: readonly FoundFace[]
  /** The picture in which they are to be seen, where that is not the one that was given. */
  readonly dimmed?: TonedPixels | undefined
}

/** Where the faces of a picture are. Each layout of detector that a pack may name has its own. */
export interface FaceDetector {
  /** The longer side of `WholeView.preview` that it looks at, pixels. */
  readonly previewSide: number
  /** Whether it finds faces that lie on their side or upside down. */
  readonly turnsPictures: boolean
  /** Whether it sees hardly any other faces on the way to a central one. */
  readonly seesFew: boolean
  /** At most one box for `central`: the face in the middle of the picture. Rejects when the work's signal aborts. */
  find(whole: WholeView, faces: 'central' | 'all', work: TaskWork): Promise<FoundFaces>
  /** The picture as `FoundFaces.dimmed` has it. Left out by detectors that find nobody in one. */
  readonly dim?: (whole: WholeView, work: TaskWork) => Promise<TonedPixels>
}
