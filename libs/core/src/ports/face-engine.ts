import type { Calibration } from '../calibration.ts'
import type { Descriptor } from '../descriptor.ts'
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

/** In the picture's order, left to right: eye, eye, nose tip, mouth corner, mouth corner. */
export type FivePoints = readonly [Point, Point, Point, Point, Point]

/** Where a face is and how it is turned; enough to describe it again without detecting it again. */
export interface FaceGeometry {
  readonly box: Box
  /** Of the detector, 0..1. */
  readonly score: number
  readonly landmarks: FivePoints
  /** Clockwise turn of the face in the picture, degrees, -180..180. */
  readonly rotationAngle: number
}

export interface Face extends FaceGeometry {
  readonly descriptor: Descriptor
  /** JPEG, only if a crop was asked for. */
  readonly crop: Uint8Array | null
}

export interface PictureInfo {
  /** Judged by content. */
  readonly contentType: string
  /** Of the upright picture. */
  readonly width: number
  readonly height: number
}

export type Rgb = readonly [number, number, number]

export interface CropRequest {
  /** Width to height, for instance 3 and 4. */
  readonly ratio: { readonly width: number; readonly height: number }
  /** Scaled to this if its proportion fits the ratio within 1 %, else left at the face's own size. */
  readonly size: { readonly width: number; readonly height: number } | null
  /** Of what lies outside the picture. */
  readonly padColor: Rgb
}

export interface ResizeRequest {
  /** Fits inside; never enlarges. Null: that side is free. */
  readonly width: number | null
  readonly height: number | null
  /** JPEG quality, 1..100. */
  readonly quality: number
}

/** Why bytes are not a picture we take; an answer, not a fault. */
export type PictureFault =
  | { readonly outcome: 'undecodable' }
  /** More pixels than allowed, judged before decoding. */
  | { readonly outcome: 'too-many-pixels'; readonly maxPixels: number }

export type FaceReport =
  | { readonly outcome: 'faces'; readonly picture: PictureInfo; readonly faces: readonly [Face, ...Face[]] }
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
}

export interface FindFacesRequest {
  /** `central`: the one whose box centre is nearest to the picture's. `all`: largest first, at most the configured number. */
  readonly faces: 'central' | 'all'
  readonly effort: Effort
  readonly crop: CropRequest | null
}

/** Picture bytes to faces. Runs off the event loop; a fault of the engine itself throws E_ENGINE_FAILED. */
export interface FaceEngine {
  readonly packId: PackId
  readonly dimensions: number
  readonly calibration: Calibration
  findFaces(picture: Uint8Array, request: FindFacesRequest, work: EngineWork): Promise<FaceReport>
  /** Describes a face that `findFaces` found in the same bytes, at another effort, without detecting again. */
  describeFace(
    picture: Uint8Array,
    request: { readonly face: FaceGeometry; readonly effort: Effort },
    work: EngineWork,
  ): Promise<Descriptor>
  /** Shrinks a picture before it is stored and described; a picture that is small enough keeps its bytes. */
  resize(picture: Uint8Array, request: ResizeRequest, work: EngineWork): Promise<ResizeOutcome>
  close(): Promise<void>
}
