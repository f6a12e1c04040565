import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { dropDeadGroups } from './change-person.ts'
import { changeSettled } from './change-settled.ts'
import { findVisiblePerson } from './find-visible-person.ts'
import { isVisible, type PersonChanges } from './person.ts'

/** Fields left out stay; metadata replaces the old one whole. */
export interface PersonUpdate {
  readonly id: PersonId
  readonly name?: string
  readonly externalId?: string | null
  readonly metadata?: string
  readonly groups?: readonly GroupId[]
  /** Null takes the expiry away. */
  readonly expireAt?: number | null
}

export type UpdatePersonOutcome =
  | { readonly outcome: 'updated' }
  | { readonly outcome: 'person-not-found' }
  | { readonly outcome: 'unknown-groups'; readonly groups: readonly GroupId[] }

export async function updatePerson(
  gallery: GalleryPorts,
  update: PersonUpdate,
  waiting?: Waiting,
): Promise<UpdatePersonOutcome> {
  const { id, ...fields } = update
  const person = await findVisiblePerson(gallery, id, waiting)
  if (person === null) return { outcome: 'person-not-found' }
  const groups = fields.groups === undefined ? undefined : [...new Set(fields.groups)]
  const live = await findLiveGroups(gallery, groups ?? [], waiting)
  const unknown = (groups ?? []).filter((group) => !live.has(group))
  if (unknown.length > 0) return { outcome: 'unknown-groups', groups: unknown }

  const now = gallery.clock.now()
  const changes: PersonChanges = { ...fields, ...(groups === undefined ? {} : { groups }), updatedAt: now }
  const changed = await changeSettled(
    gallery,
    { id, decide: (current) => (isVisible(current, now) ? changes : null) },
    waiting,
  )
  if (changed === null) return { outcome: 'person-not-found' }
  if (groups !== undefined) await dropDeadGroups(gallery, changed, waiting)
  return { outcome: 'updated' }
}
