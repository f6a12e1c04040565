import { attemptNow, type Gallery } from '../gallery.ts'
import type { PersonId } from '../ids.ts'
import { eraseImage } from '../images/delete-image.ts'
import type { Waiting } from '../ports/waiting.ts'
import { changePerson } from './change-person.ts'
import { isVisible, type Person } from './person.ts'

export type DeletePersonOutcome = { readonly outcome: 'deleted' } | { readonly outcome: 'person-not-found' }

/** Images erased before the answer; those of a person with more follow at once, behind the answer's back. */
const ERASED_AT_ONCE = 50

/**
 * Invisible for good once resolved, whatever happens after; the erasure is begun at once. A record that cannot be read is
 * deleted by its id alone: nobody can tell whether it was visible.
 */
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
  if (marked === null && !(await gallery.persons.markUnreadablePerson({ id, updatedAt: now }, waiting)))
    return { outcome: 'person-not-found' }
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
  gallery: Pick<Gallery, 'persons' | 'index' | 'pictures' | 'clock'>,
  id: PersonId,
  options: { readonly atMost: number; readonly signal?: AbortSignal | undefined },
): Promise<boolean> {
  const images = await gallery.persons.listImageIds(id, options)
  for (const image of images.slice(0, options.atMost)) {
    const isMarked = await gallery.persons.moveImage(
      image,
      { from: ['pending', 'ready'], to: 'deleting' },
      options,
    )
    // Its state may be one that no version knows.
    if (!isMarked) await gallery.persons.markUnreadableImage({ id: image, personId: id }, options)
    await eraseImage(gallery, image, options)
  }
  if (images.length > options.atMost) return false
  await buryPerson(gallery, id, options)
  return true
}

async function buryPerson(
  gallery: Pick<Gallery, 'persons' | 'index' | 'clock'>,
  id: PersonId,
  waiting: Waiting,
): Promise<void> {
  const decide = ({ state }: Person) => (state === 'deleting' ? ({ state: 'gone' } as const) : null)
  const buried = await changePerson(gallery, { id, decide }, waiting)
  if (buried !== null) return
  // Damaged since it was marked.
  const updatedAt = gallery.clock.now()
  const isMarked = await gallery.persons.markUnreadablePerson({ id, updatedAt }, waiting)
  if (isMarked) await changePerson(gallery, { id, decide }, waiting)
}
