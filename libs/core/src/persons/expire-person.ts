import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { bindInImports, timeOfMark } from './bind-in-imports.ts'
import { changePerson } from './change-person.ts'
import { isAboutToBeMerged } from './merged-persons.ts'
import type { Person } from './person.ts'

/**
 * Marks somebody who has expired by the store's clock as deleted; by ours the expiry may still be a moment away, or past, so
 * `deletePerson` is not asked. Rows of imports that were sent before the expiry go with them, as with whoever is deleted.
 *
 * Somebody may have put the expiry off since the person was found: the store is asked once more, after the record was read, and
 * whatever is changed after that makes the mark lose its race. Answers whether the mark was made by this.
 */
export async function markExpired(
  gallery: Pick<
    GalleryPorts,
    'records' | 'index' | 'clock' | 'bindInImports' | 'nowInImports' | 'onDeferred'
  >,
  id: PersonId,
  waiting?: Waiting,
): Promise<boolean> {
  const found = await gallery.records.persons.find(id, waiting)
  if (found === null || !mayExpire(found)) return false
  const bindAgain = await bindInImports(gallery, id, waiting)
  const decide = async (person: Person) => {
    if (!mayExpire(person)) return null
    const query = { kind: 'expired-person', id, untouchedMs: 0, skip: 0, limit: 1 } as const
    const stillExpired = await gallery.records.overdue.list(query, waiting)
    if (stillExpired.length === 0) return null
    return { state: 'deleting', updatedAt: await timeOfMark(gallery, waiting) } as const
  }
  const marked = await changePerson(gallery, { id, decide }, waiting)
  if (marked !== null) await bindAgain()
  return marked !== null
}

/** Whoever is about to be merged leaves the images to somebody who may not have expired. */
function mayExpire(person: Person): boolean {
  return person.state === 'live' && person.expireAt !== null && !isAboutToBeMerged(person)
}
