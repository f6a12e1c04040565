import type { GalleryPorts } from '../gallery-ports.ts'
import type { Waiting } from '../ports/waiting.ts'
import { carryOnMerge, carryOnMergesInto } from './carry-on-merge.ts'
import { type ChangeOfPerson, changePerson } from './change-person.ts'
import { isAboutToBeMerged } from './merged-persons.ts'
import type { Person } from './person.ts'

/**
 * What `changePerson` does, for a change that a caller asked for: a merge that it meets is carried on first. Somebody who is
 * about to be merged is there no more then, as the fields may be the other person's already. And of somebody who is getting
 * the pictures of another one, all pictures are found by the changed fields once this resolves: a merge that begins after the
 * change sees it, and one that began before it is met here.
 */
export async function changeSettled(
  gallery: GalleryPorts,
  { id, decide }: ChangeOfPerson,
  waiting?: Waiting,
): Promise<Person | null> {
  for (;;) {
    let isMet = false
    const decideUnmet = (person: Person) => {
      isMet = isAboutToBeMerged(person)
      return isMet ? null : decide(person)
    }
    const changed = await changePerson(gallery, { id, decide: decideUnmet }, waiting)
    if (isMet) await carryOnMerge(gallery, id, waiting)
    else {
      if (changed?.state === 'live') await carryOnMergesInto(gallery, id, waiting)
      return changed
    }
  }
}
