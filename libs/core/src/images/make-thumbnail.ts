import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId } from '../ids.ts'
import type { EngineWork, ExamineFacesRequest, FaceEngine, PictureFault } from '../ports/face-engine.ts'
import { readPicture } from './read-picture.ts'

/** `face`: an upright square around the face, as of an ID photo; the whole picture if no face is seen any more. */
export type ThumbnailCrop = 'whole' | 'face'

export interface ThumbnailRequest {
  readonly imageId: ImageId
  /** The longest side, in pixels; nothing is enlarged. */
  readonly side: number
  readonly crop: ThumbnailCrop
}

export type ThumbnailOutcome =
  | {
      readonly outcome: 'made'
      /** JPEG: upright, opaque, without metadata. */
      readonly bytes: Uint8Array
    }
  /** The image is not enrolled, or was deleted meanwhile. */
  | { readonly outcome: 'gone' }
  | PictureFault

/** A small picture shows no blocks at this; it takes half the bytes of 95. */
const JPEG_QUALITY = 82

/** The face at its own size, and nothing told of it. */
const FACE_ALONE: ExamineFacesRequest = {
  faces: 'central',
  crop: { ratio: { width: 1, height: 1 }, size: null, padColor: [229, 229, 229] },
  measurePixels: false,
  needsFaceCount: false,
  attributes: [],
}

/** A small copy of an enrolled picture. Throws E_PICTURE_DAMAGED as `readPicture` does. */
export async function makeThumbnail(
  { gallery, engine }: { readonly gallery: GalleryPorts; readonly engine: FaceEngine },
  { imageId, side, crop }: ThumbnailRequest,
  work: EngineWork,
): Promise<ThumbnailOutcome> {
  const [image] = await gallery.records.images.findMany([imageId], work)
  if (image?.state !== 'ready') return { outcome: 'gone' }
  const picture = await readPicture(gallery, image, work)
  if (picture === null) return { outcome: 'gone' }
  const shown = crop === 'face' ? await faceOf(engine, picture, work) : picture
  const request = { width: side, height: side, quality: JPEG_QUALITY, encodesAnew: true }
  const resized = await engine.resize(shown, request, work)
  return resized.outcome === 'resized' ? { outcome: 'made', bytes: resized.bytes } : resized
}

/** Where the enrolled face lies is not stored, so it is found again: the central one, as at the enrollment. */
async function faceOf(engine: FaceEngine, picture: Uint8Array, work: EngineWork): Promise<Uint8Array> {
  const report = await engine.examineFaces(picture, FACE_ALONE, work)
  return report.outcome === 'faces' ? (report.faces[0].crop ?? picture) : picture
}
