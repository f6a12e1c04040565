import type { Box, ChipMeasures, Effort, FaceAttribute, PixelMeasures, Rgb } from '@semblance/core'
import type { FacePoints, FoundLandmarks } from '../faces/face-points.ts'
import type { JudgedBox } from '../faces/judged-box.ts'
import type { ScoredBox } from '../geometry/boxes.ts'
import type { Pixels } from '../geometry/pixels.ts'
import type { Quarters } from '../geometry/quarters.ts'
import type { Similarity } from '../geometry/similarity.ts'
import type { CascadeStep } from '../inference-thread/detect/cascade/run-cascade.ts'
import type { DetectorLook } from '../inference-thread/detect/detect-look.ts'
import type { FacePlace } from '../inference-thread/landmarks/find-landmarks.ts'

interface OnPicture {
  /** The pixels lie in shared memory: handing them to a thread copies nothing. */
  readonly picture: Pixels
}

/** A unit of work of an inference thread: one pass of one network, with what comes before and after it. */
export type FaceTask =
  | (OnPicture & { readonly kind: 'detect'; readonly look: DetectorLook })
  | (OnPicture & { readonly kind: 'cascade'; readonly preview: Pixels; readonly step: CascadeStep })
  | (OnPicture & {
      readonly kind: 'tilt'
      readonly preview: Pixels
      readonly box: Box
      readonly quarters: Quarters
    })
  | (OnPicture & { readonly kind: 'landmarks' } & FacePlace)
  | (OnPicture & {
      readonly kind: 'describe'
      /** Index in the pack's recognizers. */
      readonly part: number
      readonly points: FacePoints
      readonly effort: Effort
      readonly views: readonly [number, number]
      /** Fills `SummedFeatures.measures`. */
      readonly measuresChip: boolean
      /** Fills `SummedFeatures.part`: these are all views. */
      readonly finishes: boolean
    })
  | { readonly kind: 'finish'; readonly part: number; readonly sums: readonly Float32Array[] }
  | (OnPicture & { readonly kind: 'measure'; readonly points: FacePoints })
  | (OnPicture & {
      readonly kind: 'attribute'
      readonly attribute: FaceAttribute
      readonly points: FacePoints
    })
  | (OnPicture & {
      readonly kind: 'warp'
      readonly toPicture: Similarity
      readonly size: { readonly width: number; readonly height: number }
      readonly padColor: Rgb
    })
  /** See `dimPixels`. `into` lies in shared memory, too. */
  | (OnPicture & { readonly kind: 'dim'; readonly into: Pixels })

/** What a recognizer makes of some views of a face. */
export interface SummedFeatures {
  /** Features summed over the views' chips. */
  readonly sum: Float32Array
  readonly chips: number
  /** The squared lengths of the chips' features, added up. */
  readonly squares: number
  /** Of the first chip; null unless asked for. */
  readonly measures: ChipMeasures | null
  /** What `finish` would give of it, without a way to a thread and back; null unless asked for. */
  readonly part: Float32Array | null
}

/** What each kind of task gives. */
export interface FaceTaskResults {
  readonly detect: readonly ScoredBox[]
  /** Every box that all networks have seen, faces and others. */
  readonly cascade: readonly JudgedBox[]
  /** Clockwise degrees beyond the quarters. */
  readonly tilt: number
  readonly landmarks: FoundLandmarks
  readonly describe: SummedFeatures
  /** The recognizer's part of the descriptor. */
  readonly finish: Float32Array
  /** Null: nothing of the inner face lies inside the picture. */
  readonly measure: PixelMeasures | null
  /** Probabilities; null if no network of the pack tells it. */
  readonly attribute: Float32Array | null
  /** Interleaved RGB. */
  readonly warp: Uint8Array
  readonly dim: null
}

export type FaceTaskKind = keyof FaceTaskResults
