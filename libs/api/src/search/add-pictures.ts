import { randomUUID } from 'node:crypto'
import { AppError, type GalleryPorts, type Image, type ImageId, readPicture } from '@semblance/core'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { base64Bytes } from '../endpoint/json-contents.ts'
import type { SearchPersonView } from './search-view.ts'

/**
 * The bytes of all pictures in one answer, before Base64: a thousand persons with ten pictures each would fill the
 * memory.
 */
const MAX_PICTURE_BYTES = 32_000_000
const RECORDS_AT_ONCE = 100

export interface WithPictures {
  /** The persons, with a mark as `content` where a picture is. */
  readonly persons: readonly SearchPersonView[]
  /** The pictures by their marks. */
  readonly contents: ReadonlyMap<string, Uint8Array>
}

/**
 * Adds `content` to the images, best persons first; those beyond the limit keep their `url` only, and so do those whose
 * picture is missing or damaged: a search is more than its pictures.
 */
export async function addPictures(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  persons: readonly SearchPersonView[],
  context: RequestContext,
): Promise<WithPictures> {
  // Nobody can have written this mark into a name or metadata.
  const secret = randomUUID()
  const contents = new Map<string, Uint8Array>()
  const marks = new Map<string, string>()
  const ids = persons.flatMap(({ images }) => images.map(({ id }) => id as ImageId))
  for (const { id, bytes } of await readPictures(gallery, [...new Set(ids)], context)) {
    marks.set(id, `${secret}/${id}`)
    contents.set(`${secret}/${id}`, bytes)
  }
  const withContent = (image: SearchPersonView['images'][number]) => {
    const content = marks.get(image.id)
    return content === undefined ? image : { ...image, content }
  }
  return {
    persons: persons.map((person) => ({ ...person, images: person.images.map(withContent) })),
    contents,
  }
}

interface ReadPicture {
  readonly id: ImageId
  readonly bytes: Uint8Array
}

async function readPictures(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  ids: readonly ImageId[],
  context: RequestContext,
): Promise<readonly ReadPicture[]> {
  const read: ReadPicture[] = []
  let taken = 0
  for (let at = 0; at < ids.length && taken <= MAX_PICTURE_BYTES; at += RECORDS_AT_ONCE) {
    const batch = ids.slice(at, at + RECORDS_AT_ONCE)
    const records = await gallery.records.images.findMany(batch, context)
    const byId = new Map(records.map((image) => [image.id, image]))
    for (const id of batch) {
      const image = byId.get(id)
      if (image === undefined) continue
      taken += image.bytes
      if (taken > MAX_PICTURE_BYTES) break
      context.reserveAnswer(base64Bytes(taken))
      const bytes = await readWhole(gallery, image, context)
      if (bytes !== null) read.push({ id, bytes })
    }
  }
  return read
}

async function readWhole(
  gallery: Pick<GalleryPorts, 'records' | 'pictures' | 'onDamage'>,
  image: Image,
  context: RequestContext,
): Promise<Uint8Array | null> {
  if (image.state !== 'ready') return null
  try {
    return await readPicture(gallery, image, context)
  } catch (error) {
    if (error instanceof AppError && error.code === 'E_PICTURE_DAMAGED') return null
    throw error
  }
}
