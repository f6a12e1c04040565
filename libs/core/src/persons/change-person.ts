import { conflict } from '../errors.ts'
import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Person, PersonChanges } from './person.ts'

/** The changes to a record as it was just read, or null to leave it; they count only if nobody wrote to it since. */
type Decide = (person: Person) => PersonChanges | null | Promise<PersonChanges | null>

export interface ChangeOfPerson {
  readonly id: PersonId
  readonly decide: Decide
}

/** Lost races in a row after which a record counts as too busy; each means that somebody else's change went in. */
export const MAX_LOST_RACES = 50

/**
 * Changes a person by compare-and-set, again as long as others win: `decide` sees the current record and answers
 * the changes, or null to leave it. Brings the index up to date before it resolves. Answers the record as it then
 * is, or null if it is absent or `decide` said null. Throws E_CONFLICT if others win again and again.
 *
 * With the index away the change stands (the record is marked `dirty`), the error goes to the caller and the
 * reconciler finishes.
 */
export async function changePerson(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  change: ChangeOfPerson,
  waiting?: Waiting,
): Promise<Person | null> {
  for (let race = 0; race < MAX_LOST_RACES; race++) {
    const person = await gallery.records.persons.find(change.id, waiting)
    const changes = person === null ? null : await change.decide(person)
    if (person === null || changes === null) return null
    const touchesIndex = 'name' in changes || 'externalId' in changes || 'groups' in changes
    const changed = await gallery.records.persons.update(
      { id: person.id, rev: person.rev },
      touchesIndex ? { ...changes, dirty: true } : changes,
      waiting,
    )
    if (changed === null) continue
    // A person on its way out is found by nobody, so a mark of deletion does not wait for the index.
    const mayBeFound = changed.state === 'live' || changed.state === 'pending'
    if (changed.dirty && mayBeFound) await syncIndex(gallery, changed, waiting)
    return changed
  }
  throw conflict('this person')
}

/** Writes the person's payload to its vectors and clears `dirty`. Safe to run twice and late. */
async function syncIndex(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  person: Person,
  waiting?: Waiting,
): Promise<void> {
  await gallery.index.updatePayload(indexPayloadOf(person), waiting)
  await gallery.records.persons.markClean({ id: person.id, rev: person.rev }, waiting)
}

/**
 * Takes out the groups that were deleted while they were being written: a group's deletion lists its members after
 * its mark, so either that list holds this person or this second look sees the mark.
 */
export async function dropDeadGroups(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  person: Person,
  waiting?: Waiting,
): Promise<void> {
  const live = await findLiveGroups(gallery, person.groups, waiting)
  if (person.groups.every((id) => live.has(id))) return
  const dead = person.groups.filter((id) => !live.has(id))
  await leaveGroups(gallery, { id: person.id, groups: dead }, waiting)
}

/** Takes groups out of a person's record, if it names any of them. */
export async function leaveGroups(
  gallery: Pick<GalleryPorts, 'records' | 'index'>,
  leaving: { readonly id: PersonId; readonly groups: readonly GroupId[] },
  waiting?: Waiting,
): Promise<void> {
  const decide = (person: Person) => {
    const groups = person.groups.filter((id) => !leaving.groups.includes(id))
    return groups.length === person.groups.length ? null : { groups }
  }
  await changePerson(gallery, { id: leaving.id, decide }, waiting)
}
