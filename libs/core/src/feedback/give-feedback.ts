import type { GalleryPorts } from '../gallery-ports.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Feedback } from './feedback.ts'

export type GiveFeedbackOutcome =
  | { readonly outcome: 'kept'; readonly feedback: Feedback }
  | { readonly outcome: 'person-not-found' }
  /** The person has no such image. */
  | { readonly outcome: 'image-not-found' }

type Gallery = Pick<GalleryPorts, 'records' | 'clock'>

/**
 * Keeps a verdict on a candidate. Whoever is deleted meanwhile takes it along: the erasure of the person looks before the
 * person is buried, this looks after the write, and what a crash leaves between the two goes with the tombstone.
 */
export async function giveFeedback(
  gallery: Gallery,
  given: Omit<Feedback, 'createdAt'>,
  waiting?: Waiting,
): Promise<GiveFeedbackOutcome> {
  const { records, clock } = gallery
  if ((await findVisiblePerson(gallery, given.personId, waiting)) === null)
    return { outcome: 'person-not-found' }
  const [image] = await records.images.findMany([given.imageId], waiting)
  if (image?.state !== 'ready') return { outcome: 'image-not-found' }
  const owners = await findOwners(records, { ids: [image.personId] }, waiting)
  if (owners.get(image.personId)?.id !== given.personId) return { outcome: 'image-not-found' }
  const feedback = { ...given, createdAt: clock.now() }
  await records.feedback.add(feedback, waiting)
  const state = (await records.persons.find(given.personId, waiting))?.state
  // Somebody who was merged meanwhile has not been deleted.
  if (state === 'live' || state === 'merging' || state === 'merged') return { outcome: 'kept', feedback }
  await records.feedback.erase(given.personId, waiting)
  return { outcome: 'person-not-found' }
}
