import {
  type GalleryPorts,
  type Image,
  type ImageId,
  type PersonId,
  readImage,
  readPicture,
} from '@semblance/core'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { isListed } from '../endpoint/entity-tag.ts'
import type { Reply } from '../endpoint/reply.ts'
import { extensionOf } from '../pictures/picture-extension.ts'
import { imageNotFound, personNotFound } from './person-paths.ts'

/** The enrolled bytes, whatever the Accept header says: the official clients ask for JSON here. */
export async function sendPicture(
  gallery: GalleryPorts,
  target: { readonly personId: PersonId; readonly imageId: ImageId },
  context: RequestContext,
): Promise<Reply> {
  const read = await readImage(gallery, target, context)
  if (read.outcome === 'person-not-found') return personNotFound()
  if (read.outcome === 'image-not-found') return imageNotFound()
  const { image } = read
  const etag = `"${image.sha256}"`
  const headers = headersOf(image, etag)
  if (isListed(context.ifNoneMatch, etag)) return { status: 304, headers, body: { kind: 'none' } }
  context.reserveAnswer(image.bytes)
  const bytes = await readPicture(gallery, image, context)
  // It was deleted since its record was read.
  if (bytes === null) return imageNotFound()
  return { status: 200, headers, body: { kind: 'bytes', contentType: image.contentType, bytes } }
}

function headersOf(image: Image, etag: string): Readonly<Record<string, string>> {
  return {
    ETag: etag,
    // A copy may be kept but must be asked about: a deleted picture is gone at once.
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': `inline; filename="${image.id}.${extensionOf(image.contentType)}"`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
  }
}
