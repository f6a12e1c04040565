import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { judgedByServing } from '../packs/judged-by-serving.ts'
import type { Page, PageRequest } from '../page.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { findOwners, listImagesOf } from '../persons/merged-persons.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Image } from './image.ts'

type Reader = Pick<GalleryPorts, 'records' | 'clock'>

export type ReadImageOutcome =
  | { readonly outcome: 'found'; readonly image: Image }
  | { readonly outcome: 'person-not-found' }
  /** Absent, not ready, or another person's. */
  | { readonly outcome: 'image-not-found' }

/** As it was enrolled: its quality is not that of another pack, as `listPersonImages` tells it. */
export async function readImage(
  reader: Reader,
  target: { readonly personId: PersonId; readonly imageId: ImageId },
  waiting?: Waiting,
): Promise<ReadImageOutcome> {
  const person = await findVisiblePerson(reader, target.personId, waiting)
  if (person === null) return { outcome: 'person-not-found' }
  const [image] = await reader.records.images.findMany([target.imageId], waiting)
  if (image?.state !== 'ready') return { outcome: 'image-not-found' }
  const owners = await findOwners(reader.records, { ids: [image.personId], known: [person] }, waiting)
  if (owners.get(image.personId)?.id !== person.id) return { outcome: 'image-not-found' }
  return { outcome: 'found', image: { ...image, personId: person.id } }
}

/** Null if the person is absent, deleted or expired. */
export async function listPersonImages(
  reader: Reader,
  query: { readonly personId: PersonId; readonly request: PageRequest },
  waiting?: Waiting,
): Promise<Page<Image> | null> {
  const person = await findVisiblePerson(reader, query.personId, waiting)
  if (person === null) return null
  const page = await listImagesOf(reader.records, query, waiting)
  return { ...page, items: await judgedByServing(reader.records, page.items, waiting) }
}
