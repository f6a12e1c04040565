import type { Gallery, ImageId } from '@semblance/core'
import type { RequestContext } from '../endpoint/endpoint.ts'
import type { SearchPersonView } from './search-view.ts'

/** Of all pictures in one answer, before Base64: a thousand persons with ten pictures each would fill the memory. */
const MAX_PICTURE_BYTES = 32_000_000

/** Adds `content` to the images, best persons first; those beyond the limit keep their `url` only. */
export async function addPictures(
  gallery: Pick<Gallery, 'pictures'>,
  persons: readonly SearchPersonView[],
  context: RequestContext,
): Promise<readonly SearchPersonView[]> {
  const contents = new Map<string, string>()
  let left = MAX_PICTURE_BYTES
  for (const { id } of persons.flatMap((person) => person.images)) {
    if (contents.has(id)) continue
    const bytes = await gallery.pictures.get(id as ImageId, context)
    if (bytes === null) continue
    left -= bytes.byteLength
    if (left < 0) break
    contents.set(id, base64(bytes))
  }
  const withContent = (image: SearchPersonView['images'][number]) => {
    const content = contents.get(image.id)
    return content === undefined ? image : { ...image, content }
  }
  return persons.map((person) => ({ ...person, images: person.images.map(withContent) }))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
