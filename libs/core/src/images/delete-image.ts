import { finishAfterAnswer, type GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PersonId } from '../ids.ts'
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
  const { imageId: id, personId } = target
  const isMarked =
    read.outcome === 'found'
      ? await gallery.records.images.move(id, { from: ['ready'], to: 'deleting' }, waiting)
      : await gallery.records.images.markUnreadable({ id, personId }, waiting)
  if (!isMarked) return { outcome: 'image-not-found' }
  await finishAfterAnswer(gallery, 'erase-image', (behind) => eraseImage(gallery, id, behind))
  return { outcome: 'deleted' }
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
