import { AppError, type Gallery, type Image, type ImageId, readPicture } from '@semblance/core'
import type { RequestContext } from '../endpoint/endpoint.ts'
import type { SearchPersonView } from './search-view.ts'

/** Of all pictures in one answer, before Base64: a thousand persons with ten pictures each would fill the memory. */
const MAX_PICTURE_BYTES = 32_000_000
const RECORDS_AT_ONCE = 100

/**
 * Adds `content` to the images, best persons first; those beyond the limit keep their `url` only, and so do those whose
 * picture is missing or damaged: a search is more than its pictures.
 */
export async function addPictures(
  gallery: Pick<Gallery, 'persons' | 'pictures' | 'onDamage'>,
  persons: readonly SearchPersonView[],
  context: RequestContext,
): Promise<readonly SearchPersonView[]> {
  const contents = new Map<string, string>()
  const ids = [...new Set(persons.flatMap(({ images }) => images.map(({ id }) => id as ImageId)))]
  let left = MAX_PICTURE_BYTES
  for (let at = 0; at < ids.length && left >= 0; at += RECORDS_AT_ONCE) {
    const batch = ids.slice(at, at + RECORDS_AT_ONCE)
    const records = await gallery.persons.findImages(batch, context)
    const byId = new Map(records.map((image) => [image.id, image]))
    for (const id of batch) {
      const bytes = await readWhole(gallery, byId.get(id), context)
      if (bytes === null) continue
      left -= bytes.byteLength
      if (left < 0) break
      contents.set(id, base64(bytes))
    }
  }
  const withContent = (image: SearchPersonView['images'][number]) => {
    const content = contents.get(image.id)
    return content === undefined ? image : { ...image, content }
  }
  return persons.map((person) => ({ ...person, images: person.images.map(withContent) }))
}

async function readWhole(
  gallery: Pick<Gallery, 'pictures' | 'onDamage'>,
  image: Image | undefined,
  context: RequestContext,
): Promise<Uint8Array | null> {
  if (image?.state !== 'ready') return null
  try {
    return await readPicture(gallery, image, context)
  } catch (error) {
    if (error instanceof AppError && error.code === 'E_PICTURE_DAMAGED') return null
    throw error
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}
