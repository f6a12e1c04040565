import { createHash } from 'node:crypto'
import { amount } from '../amount.ts'
import { pictureDamaged } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Image } from './image.ts'

/** Hashed at a time: 4 ms, after which others get their turn. */
const SLICE_BYTES = 4_000_000

/**
 * The picture as it was enrolled, or null if the image was deleted since its record was read. Length and SHA-256 are
 * compared with the record each time: bytes that a disk or a hand has changed must not go out under the original's name.
 * Throws E_PICTURE_DAMAGED, also where the record is still there and the picture is not.
 */
export async function readPicture(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  image: Pick<Image, 'id' | 'bytes' | 'sha256'>,
  waiting?: Waiting,
): Promise<Uint8Array | null> {
  const picture = await gallery.pictures.get(image.id, waiting)
  if (picture === null && !(await isReady(gallery, image.id, waiting))) return null
  const why = picture === null ? 'it is not there' : await faultOfPicture(picture, image, waiting)
  if (why === null) return picture
  gallery.onDamage?.({ kind: 'picture', id: image.id, why })
  throw pictureDamaged(image.id, why)
}

/** A deletion marks the record before it takes the picture away. */
async function isReady(
  { records }: Pick<GalleryPorts, 'records'>,
  id: ImageId,
  waiting?: Waiting,
): Promise<boolean> {
  const [image] = await records.images.findMany([id], waiting)
  return image?.state === 'ready'
}

/** What tells these bytes from those that were enrolled; null if nothing does. */
export async function faultOfPicture(
  picture: Uint8Array,
  image: Pick<Image, 'bytes' | 'sha256'>,
  waiting?: Waiting,
): Promise<string | null> {
  if (picture.byteLength !== image.bytes)
    return `it has ${amount(picture.byteLength, 'byte')} instead of ${image.bytes}`
  const hash = createHash('sha256')
  for (let at = 0; at < picture.byteLength; at += SLICE_BYTES) {
    if (at > 0) await new Promise(setImmediate)
    waiting?.signal?.throwIfAborted()
    hash.update(picture.subarray(at, at + SLICE_BYTES))
  }
  return hash.digest('hex') === image.sha256 ? null : 'its SHA-256 is another one'
}

/**
 * The digest in lower-case hex, as a record keeps it. It tells whether a stored picture is still what was enrolled.
 */
export function sha256Hex(picture: Uint8Array): string {
  return createHash('sha256').update(picture).digest('hex')
}
