import { staleId } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { ensureDefaultGroup } from '../groups/default-group.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { dropDeadGroups } from './change-person.ts'
import type { Person } from './person.ts'
import { readPerson } from './read-persons.ts'

export interface PersonDraft {
  /** The caller makes it, so that a repeated call cannot make two persons. */
  readonly id: PersonId
  readonly name: string
  readonly externalId: string | null
  /** A JSON object as text. */
  readonly metadata: string
  /** None: the Default group. */
  readonly groups: readonly GroupId[]
  readonly expireAt: number | null
}

export type CreatePersonOutcome =
  | { readonly outcome: 'created'; readonly person: Person }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }

export async function createPerson(
  gallery: GalleryPorts,
  draft: PersonDraft,
  waiting?: Waiting,
): Promise<CreatePersonOutcome> {
  const placed = await placeInGroups(gallery, draft.groups, waiting)
  if (placed.outcome === 'unknown-groups') {
    // A group that the first run found may be gone by now: what that run made is made.
    const earlier = await readPerson(gallery, draft.id, waiting)
    return earlier === null ? placed : { outcome: 'created', person: earlier }
  }
  const person = newPerson(gallery, { ...draft, groups: placed.groups })
  if (!(await gallery.records.persons.insert(person, waiting))) return answerAgain(gallery, draft.id, waiting)
  await dropDeadGroups(gallery, person, waiting)
  return { outcome: 'created', person }
}

/** A call that is repeated: the person it made, unless that was deleted since. Throws E_STALE_ID then. */
async function answerAgain(
  gallery: GalleryPorts,
  id: PersonId,
  waiting?: Waiting,
): Promise<CreatePersonOutcome> {
  const person = await readPerson(gallery, id, waiting)
  if (person === null) throw staleId(id)
  return { outcome: 'created', person }
}

/** A live record that was never written. */
export function newPerson(gallery: Pick<GalleryPorts, 'clock'>, draft: PersonDraft): Person {
  const now = gallery.clock.now()
  return { ...draft, createdAt: now, updatedAt: now, rev: 1, state: 'live', dirty: false }
}

type Placement =
  | { readonly outcome: 'placed'; readonly groups: readonly GroupId[] }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }

/** The groups a new person joins: the ones asked for, all of which must be live, else the Default group. */
export async function placeInGroups(
  gallery: GalleryPorts,
  asked: readonly GroupId[],
  waiting?: Waiting,
): Promise<Placement> {
  if (asked.length === 0) return { outcome: 'placed', groups: [await ensureDefaultGroup(gallery, waiting)] }
  const wanted = [...new Set(asked)]
  const live = await findLiveGroups(gallery, wanted, waiting)
  const unknown = wanted.filter((id) => !live.has(id))
  return unknown.length > 0
    ? { outcome: 'unknown-groups', groups: unknown }
    : { outcome: 'placed', groups: wanted }
}
