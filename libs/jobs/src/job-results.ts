import type {
  AddImageOutcome,
  Box,
  Comparison,
  FaceAttributes,
  FaceQuality,
  FivePoints,
  IdentifiedPerson,
  Image,
  LinkRefusal,
  LowQuality,
  Person,
  PictureFault,
  QualityReport,
  SearchReach,
  ThumbnailOutcome,
} from '@semblance/core'

/** The reason why a job could not get or use its picture. It is JSON, like everything here. */
export type PictureProblem = PictureFault | { readonly outcome: 'link-refused'; readonly reason: LinkRefusal }

export interface DetectionResult {
  readonly box: Box
  /** Workers of an earlier release leave it out. */
  readonly boxInPicture?: Box
  readonly score: number
  readonly landmarks: FivePoints
  readonly rotationAngle: number
  /** Workers of an earlier release leave it out. */
  readonly landmarkDisagreement?: number | null
  /** Left out if nobody judged it, as by workers of an earlier release. */
  readonly faceQuality?: FaceQuality
  /** Base64 of a JPEG; null if none was asked for. */
  readonly crop: string | null
}

export type SearchResult =
  | {
      readonly outcome: 'searched'
      readonly faces: readonly {
        readonly detection: DetectionResult
        readonly persons: readonly IdentifiedPerson[]
      }[]
      /** Left out if the search was asked for a distance, as by workers of an earlier release. */
      readonly reach?: SearchReach
    }
  | {
      readonly outcome: 'created'
      readonly person: Person
      readonly image: Image
      readonly detection: DetectionResult
    }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly string[] }
  | { readonly outcome: 'not-created' }
  | LowQuality
  | { readonly outcome: 'no-face' }
  | PictureProblem

export interface DetectedFaceResult {
  readonly detection: DetectionResult
  /** Null if not asked for. */
  readonly quality: QualityReport | null
  readonly attributes: FaceAttributes
}

export type DetectResult =
  | {
      readonly outcome: 'detected'
      readonly faces: readonly DetectedFaceResult[]
      /** Milliseconds in the worker; the picture's download counts. */
      readonly elapsedMs: number
    }
  | { readonly outcome: 'no-face' }
  | PictureProblem

export type ComparedPictureResult =
  | {
      readonly outcome: 'faces'
      readonly faces: readonly {
        readonly detection: DetectionResult
        /** Null if nobody was searched. */
        readonly persons: readonly IdentifiedPerson[] | null
      }[]
    }
  | { readonly outcome: 'no-face' }
  | PictureProblem

export type CompareResult =
  | {
      readonly outcome: 'compared'
      /** They stand in the order of the payload. */
      readonly pictures: readonly ComparedPictureResult[]
      readonly comparisons: readonly Comparison[]
      /** Milliseconds in the worker; downloads count. */
      readonly elapsedMs: number
      /** As of a search. */
      readonly reach?: SearchReach
    }
  | { readonly outcome: 'too-many-pairs'; readonly pairs: number; readonly maxPairs: number }

export interface EnrolledFaceResult {
  readonly detection: DetectionResult
  readonly quality: QualityReport | null
  /** Itself among them. */
  readonly faceCount: number
}

export type AddImageResult =
  | {
      readonly outcome: 'added'
      readonly image: Image
      /** Workers of an earlier release leave it out; it is null if an earlier run of the job enrolled other bytes. */
      readonly enrolled?: EnrolledFaceResult | null
    }
  | Exclude<AddImageOutcome, { outcome: 'added' }>
  | { readonly outcome: 'no-face' }
  | LowQuality
  | PictureProblem

export type ThumbnailResult =
  /** Base64. */
  { readonly outcome: 'made'; readonly jpeg: string } | Exclude<ThumbnailOutcome, { outcome: 'made' }>
