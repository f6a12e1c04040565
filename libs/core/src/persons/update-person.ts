import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { dropDeadGroups } from './change-person.ts'
import { changeSettled } from './change-settled.ts'
import { findVisiblePerson } from './find-visible-person.ts'
import { isVisible, type Person, type PersonChanges, revisionOf } from './person.ts'

/** Fields left out stay; metadata replaces the old one whole. */
export interface PersonUpdate {
  readonly id: PersonId
  readonly name?: string
  readonly externalId?: string | null
  readonly metadata?: string
  readonly groups?: readonly GroupId[]
  /** Null takes the expiry away. */
  readonly expireAt?: number | null
  /** Only if the record is one of these, by `revisionOf`; left out: whatever it is by now. */
  readonly ifRevision?: readonly string[]
}

export type UpdatePersonOutcome =
  | { readonly outcome: 'updated' }
  | { readonly outcome: 'person-not-found' }
  /** Nothing was changed. */
  | { readonly outcome: 'changed-since' }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }

export async function updatePerson(
  gallery: GalleryPorts,
  update: PersonUpdate,
  waiting?: Waiting,
): Promise<UpdatePersonOutcome> {
  const { id, ifRevision, ...fields } = update
  const isOther = (found: Person) => ifRevision?.includes(revisionOf(found)) === false
  const person = await findVisiblePerson(gallery, id, waiting)
  if (person === null) return { outcome: 'person-not-found' }
  if (isOther(person)) return { outcome: 'changed-since' }
  const groups = fields.groups === undefined ? undefined : [...new Set(fields.groups)]
  const live = await findLiveGroups(gallery, groups ?? [], waiting)
  const unknown = (groups ?? []).filter((group) => !live.has(group))
  if (unknown.length > 0) return { outcome: 'unknown-groups', groups: unknown }

  const now = gallery.clock.now()
  const changes: PersonChanges = { ...fields, ...(groups === undefined ? {} : { groups }), updatedAt: now }
  let isChangedSince = false
  const decide = (current: Person) => {
    if (!isVisible(current, now)) return null
    isChangedSince = isOther(current)
    return isChangedSince ? null : changes
  }
  const changed = await changeSettled(gallery, { id, decide }, waiting)
  if (isChangedSince) return { outcome: 'changed-since' }
  if (changed === null) return { outcome: 'person-not-found' }
  if (groups !== undefined) await dropDeadGroups(gallery, changed, waiting)
  return { outcome: 'updated' }
}
