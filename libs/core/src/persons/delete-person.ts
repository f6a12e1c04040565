import { attemptNow, type Gallery } from '../gallery.ts'
import type { PersonId } from '../ids.ts'
import { eraseImage } from '../images/delete-image.ts'
import type { Waiting } from '../ports/waiting.ts'
import { changePerson } from './change-person.ts'
import { isVisible } from './person.ts'

export type DeletePersonOutcome = { readonly outcome: 'deleted' } | { readonly outcome: 'person-not-found' }

/** Images erased before the answer; those of a person with more follow at once, behind the answer's back. */
const ERASED_AT_ONCE = 50

/** Invisible for good once resolved, whatever happens after; the erasure is begun at once. */
export async function deletePerson(
  gallery: Gallery,
  id: PersonId,
  waiting?: Waiting,
): Promise<DeletePersonOutcome> {
  const now = gallery.clock.now()
  const marked = await changePerson(
    gallery,
    { id, decide: (person) => (isVisible(person, now) ? { state: 'deleting', updatedAt: now } : null) },
    waiting,
  )
  if (marked === null) return { outcome: 'person-not-found' }
  await attemptNow(gallery, 'erase-person', async () => {
    if (!(await erasePerson(gallery, id, { atMost: ERASED_AT_ONCE }))) void eraseRest(gallery, id)
  })
  return { outcome: 'deleted' }
}

/** Never rejects: what it cannot do is on record, and the reconciler's. */
function eraseRest(gallery: Gallery, id: PersonId): Promise<void> {
  return attemptNow(gallery, 'erase-person', async () => {
    while (!(await erasePerson(gallery, id, { atMost: ERASED_AT_ONCE }))) {
      // The next part.
    }
  })
}

/**
 * Erases what a `deleting` person owns, then the person. Answers false, to be called again, when it has stopped after
 * `atMost` images.
 */
export async function erasePerson(
  gallery: Pick<Gallery, 'persons' | 'index' | 'pictures'>,
  id: PersonId,
  options: { readonly atMost: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const images = await gallery.persons.listImageIds(id, options)
  for (const image of images.slice(0, options.atMost)) {
    await gallery.persons.moveImage(image, { from: ['pending', 'ready'], to: 'deleting' }, options)
    await eraseImage(gallery, image, options)
  }
  if (images.length > options.atMost) return false
  await changePerson(
    gallery,
    { id, decide: (person) => (person.state === 'deleting' ? { state: 'gone' } : null) },
    options,
  )
  return true
}
