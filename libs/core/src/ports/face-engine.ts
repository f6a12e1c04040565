import type { Calibration } from '../calibration.ts'
import type { Descriptor } from '../descriptor.ts'
import type { FaceQuality } from '../detection/face-quality.ts'
import type { PackId } from '../ids.ts'
import type { Lane } from './job-queue.ts'

/** Pixels of the upright picture (EXIF orientation applied), origin at the top left; may reach outside it. */
export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

/** The points in the picture's order, left to right: eye, eye, nose tip, mouth corner, mouth corner. */
export type FivePoints = readonly [Point, Point, Point, Point, Point]

/** The place of a face and how it is turned: enough to describe it again without detecting it again. */
export interface FaceGeometry {
  readonly box: Box
  /** What of the box lies in the picture. */
  readonly boxInPicture: Box
  /** The detector's score, 0..1. */
  readonly score: number
  readonly landmarks: FivePoints
  /** Clockwise turn of the face in the picture, degrees, -180..180. */
  readonly rotationAngle: number
  /**
   * How far the five points moved when the landmark network looked at the face once more, upright: the mean, as a share
   * of the distance between the eyes. See `areLandmarksUncertain`. Null: it looks once, or the points are the mean of its looks.
   */
  readonly landmarkDisagreement: number | null
  /** True: the picture has so much light that the face was found, and is described, in a dimmed copy of it. Left out: false. */
  readonly isDimmed?: boolean
  /** Left out if it was not described, or if the pack has no model of it. */
  readonly quality?: FaceQuality
}

/** Sums over the picture of a face that a recognizer reads, upright and of one size. */
export interface ChipMeasures {
  /** Mean brightness and its standard deviation, 0..1. */
  readonly mean: number
  readonly deviation: number
  /** Shares of the pixels that are all but black, and all but white. */
  readonly dark: number
  readonly light: number
  /** Mean difference from the mean of the nine pixels around, and of that from a wider mean, by the deviation. */
  readonly fine: number
  readonly coarse: number
  /** The coarse detail where the eyes and the mouth are, by that of the whole face. */
  readonly eyes: number
  readonly mouth: number
  /** Of the five rows that are the flattest, the share of pixels without any detail: a bar or a mask of one color. */
  readonly flat: number
}

/** What describing a face shows of how well it can be described; see `signsOf`. */
export interface FaceSigns {
  /** The 68 points of the iBUG scheme in picture pixels. */
  readonly contour: readonly Point[]
  /** By recognizer of the pack: the root of the mean square length of its features over the chips. */
  readonly norms: readonly number[]
  /** By recognizer: how alike the features of its chips are, among them that of the mirror image; 1: the same. */
  readonly agreements: readonly number[]
  readonly chip: ChipMeasures
}

export interface Face extends FaceGeometry {
  readonly descriptor: Descriptor
  /** Left out by engines that do not look at how well a face can be described. */
  readonly signs?: FaceSigns
  /** JPEG, only if a crop was asked for. */
  readonly crop: Uint8Array | null
}

export interface PictureInfo {
  /** The type as judged by content. */
  readonly contentType: string
  /** The size of the upright picture. */
  readonly width: number
  readonly height: number
}

export type Rgb = readonly [number, number, number]

export interface CropRequest {
  /** Width to height, for instance 3 and 4. */
  readonly ratio: { readonly width: number; readonly height: number }
  /** Scaled to this if its proportion fits the ratio within 1 %, else left at the face's own size. */
  readonly size: { readonly width: number; readonly height: number } | null
  /** The color of what lies outside the picture. */
  readonly padColor: Rgb
}

export interface ResizeRequest {
  /** Fits inside; never enlarges. Null: that side is free. */
  readonly width: number | null
  readonly height: number | null
  /** JPEG quality, 1..100. */
  readonly quality: number
  /** Whatever it was and however small, it becomes a JPEG: for pictures that are shown and not stored. Left out: false. */
  readonly encodesAnew?: boolean
}

/** The reason why bytes are not a picture that we take. It is an answer, not a fault. */
export type PictureFault =
  | { readonly outcome: 'undecodable' }
  /** More pixels than allowed, judged before decoding. */
  | { readonly outcome: 'too-many-pixels'; readonly maxPixels: number }

export type FaceReport =
  | {
      readonly outcome: 'faces'
      readonly picture: PictureInfo
      readonly faces: readonly [Face, ...Face[]]
      /** The first of them, examined. It is there only if it was asked for. */
      readonly examined?: ExaminedFirstFace
    }
  | { readonly outcome: 'no-face'; readonly picture: PictureInfo }
  | PictureFault

export type ResizeOutcome =
  | { readonly outcome: 'resized'; readonly bytes: Uint8Array; readonly picture: PictureInfo }
  | PictureFault

/** `rich` is dearer and better: for the gallery. `cheap` is for probes. */
export type Effort = 'rich' | 'cheap'

export interface EngineWork {
  readonly lane: Lane
  readonly signal?: AbortSignal | undefined
  /** A call of the job that the picture belongs to: see `JobContext.stepAside`. */
  readonly stepAside?: (() => () => void) | undefined
}

export interface FindFacesRequest {
  /** `central`: the one whose box centre is nearest to the picture's. `all`: largest first, at most the configured number. */
  readonly faces: 'central' | 'all'
  readonly effort: Effort
  readonly crop: CropRequest | null
  /** Fills `FaceReport.examined`; left out: false. */
  readonly examineFirst?: boolean
  /**
   * Of a central face: `ExaminedPicture.faceCount` tells all faces of the picture, small ones beside it as well, which is
   * dearer where few are seen on the way. Left out: false.
   */
  readonly countsEveryFace?: boolean
}

/** What networks of a pack may tell of a face beside who it is. */
export type FaceAttribute = 'age' | 'emotion'

export interface ExamineFacesRequest {
  /** As for `findFaces`. */
  readonly faces: 'central' | 'all'
  readonly crop: CropRequest | null
  /** Fills `ExaminedFace.pixels`. */
  readonly measurePixels: boolean
  /** Fills `ExaminedPicture.faceCount`; dearer if only the central face is wanted. */
  readonly needsFaceCount: boolean
  readonly attributes: readonly FaceAttribute[]
  /** Fills `FaceGeometry.quality`, for which the face is described; left out: false. */
  readonly judgeFaces?: boolean
}

export interface ExaminedPicture extends PictureInfo {
  /** Channels of color, as stored: 1 grey, 3 RGB, 4 CMYK; transparency is none. */
  readonly channels: number
  /** All faces in the picture, at most the configured number; null if they were not counted. */
  readonly faceCount: number | null
}

/** Sums over the pixels of the inner face, each 0..1. */
export interface PixelMeasures {
  /** 0 sharp, 1 without any detail (Crete et al. 2007). */
  readonly blur: number
  /** Share of pixels that are all but black, and all but white. */
  readonly dark: number
  readonly light: number
}

/** Null: not asked for, or no network of the pack tells it. */
export interface FaceAttributes {
  /** Whole years between which the age is likely to lie. */
  readonly age: { readonly from: number; readonly to: number } | null
  readonly emotion: {
    /** The most likely expression, in one of the network's own words such as `happy` or `neutral`. */
    readonly expression: string
    /** Probability of `neutral`, 0..1. */
    readonly neutral: number
  } | null
}

/** A face with everything but who it is. */
export interface ExaminedFace extends FaceGeometry {
  /** The 68 points of the iBUG scheme in picture pixels; null if the pack does not place them. */
  readonly contour: readonly Point[] | null
  /** JPEG, only if a crop was asked for. */
  readonly crop: Uint8Array | null
  /** Share of the crop that lies outside the picture, 0..1; 0 without a crop. */
  readonly paddingRatio: number
  /** Null if not asked for, or if the inner face lies outside the picture. */
  readonly pixels: PixelMeasures | null
  readonly attributes: FaceAttributes
}

/** The first face of those that `findFaces` describes, with what its quality is judged by. */
export interface ExaminedFirstFace {
  /** `faceCount`: unless `countsEveryFace` was set, of those seen on the way to this face. Beside a large one there may be more that are small. */
  readonly picture: ExaminedPicture
  readonly face: ExaminedFace
}

export type ExamineReport =
  | {
      readonly outcome: 'faces'
      readonly picture: ExaminedPicture
      readonly faces: readonly [ExaminedFace, ...ExaminedFace[]]
    }
  | { readonly outcome: 'no-face'; readonly picture: PictureInfo }
  | PictureFault

/**
 * Picture bytes to faces. Runs off the event loop; a fault of the engine itself throws E_ENGINE_FAILED, and while it is dead
 * whatever needs its networks throws E_ENGINE_UNAVAILABLE.
 */
export interface FaceEngine {
  readonly packId: PackId
  readonly dimensions: number
  readonly calibration: Calibration
  /** Whether its networks answer to no picture now, not even to one of our own. */
  readonly isDead: boolean
  findFaces(picture: Uint8Array, request: FindFacesRequest, work: EngineWork): Promise<FaceReport>
  /** Finds faces as `findFaces` does and tells what they look like, without describing who they are. */
  examineFaces(picture: Uint8Array, request: ExamineFacesRequest, work: EngineWork): Promise<ExamineReport>
  /** Describes a face that `findFaces` found in the same bytes, at another effort, without detecting again. */
  describeFace(
    picture: Uint8Array,
    request: { readonly face: FaceGeometry; readonly effort: Effort },
    work: EngineWork,
  ): Promise<Descriptor>
  /** Shrinks a picture before it is stored and described; a picture that is small enough keeps its bytes, unless `encodesAnew`. */
  resize(picture: Uint8Array, request: ResizeRequest, work: EngineWork): Promise<ResizeOutcome>
  /** The type by the picture's first bytes; null if they are none of a picture that is read here. Decodes nothing. */
  contentTypeOf(picture: Uint8Array): string | null
  close(): Promise<void>
}
