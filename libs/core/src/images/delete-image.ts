import { finishAfterAnswer, type GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
import { personsBehind } from '../persons/merged-persons.ts'
import type { Waiting } from '../ports/waiting.ts'
import { readImage } from './read-images.ts'

export type DeleteImageOutcome =
  | { readonly outcome: 'deleted' }
  | { readonly outcome: 'person-not-found' }
  | { readonly outcome: 'image-not-found' }

/**
 * The image is invisible for good once this resolves; the erasure follows at once. A record that cannot be read is
 * deleted, too.
 */
export async function deleteImage(
  gallery: GalleryPorts,
  target: { readonly personId: PersonId; readonly imageId: ImageId },
  waiting?: Waiting,
): Promise<DeleteImageOutcome> {
  const read = await readImage(gallery, target, waiting)
  if (read.outcome === 'person-not-found') return read
  const { imageId: id } = target
  const isMarked =
    read.outcome === 'found'
      ? await gallery.records.images.move(id, { from: ['ready'], to: 'deleting' }, waiting)
      : await markDamaged(gallery, target, waiting)
  if (!isMarked) return { outcome: 'image-not-found' }
  await finishAfterAnswer(gallery, 'erase-image', (behind) => eraseImage(gallery, id, behind))
  return { outcome: 'deleted' }
}

/** Whose it is, a record that cannot be read tells no more than by the person it names. */
async function markDamaged(
  { records }: Pick<GalleryPorts, 'records'>,
  { imageId: id, personId }: { readonly personId: PersonId; readonly imageId: ImageId },
  waiting?: Waiting,
): Promise<boolean> {
  for (const named of await personsBehind(records, personId, waiting))
    if (await records.images.markUnreadable({ id, personId: named }, waiting)) return true
  return false
}

/** Vector, picture, then the tombstone: in this order, so that what is left to do is always on record. */
export async function eraseImage(
  gallery: Pick<GalleryPorts, 'records' | 'index' | 'pictures'>,
  id: ImageId,
  waiting?: Waiting,
): Promise<void> {
  await gallery.index.remove([id], waiting)
  await gallery.pictures.delete(id, waiting)
  await gallery.records.images.move(id, { from: ['deleting'], to: 'gone' }, waiting)
}
