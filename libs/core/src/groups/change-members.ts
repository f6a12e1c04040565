import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { dropDeadGroups } from '../persons/change-person.ts'
import { changeSettled } from '../persons/change-settled.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'

export interface MembersChange {
  readonly groupId: GroupId
  readonly add: readonly PersonId[]
  /** Wins over `add` for a person in both. */
  readonly remove: readonly PersonId[]
}

export type ChangeMembersOutcome =
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'group-not-found' }
  /** Nothing was changed. */
  | { readonly outcome: 'persons-not-found'; readonly persons: readonly PersonId[] }

/** Persons changed side by side: bounded, since each is a write of its own. */
const BATCH = 16

/** All ids are checked before the first write; a person deleted meanwhile is passed over. */
export async function changeMembers(
  gallery: GalleryPorts,
  change: MembersChange,
  waiting?: Waiting,
): Promise<ChangeMembersOutcome> {
  const group = await gallery.records.groups.find(change.groupId, waiting)
  if (group?.state !== 'live') return { outcome: 'group-not-found' }
  const ids = [...new Set([...change.add, ...change.remove])]
  const unknown = await findUnknown(gallery, ids, waiting)
  if (unknown.length > 0) return { outcome: 'persons-not-found', persons: unknown }

  const removed = new Set(change.remove)
  for (let i = 0; i < ids.length; i += BATCH) {
    const batch = ids.slice(i, i + BATCH)
    await Promise.all(
      batch.map((id) =>
        setMembership(gallery, { id, groupId: change.groupId, isMember: !removed.has(id) }, waiting),
      ),
    )
  }
  return { outcome: 'changed' }
}

async function findUnknown(
  gallery: GalleryPorts,
  ids: readonly PersonId[],
  waiting?: Waiting,
): Promise<readonly PersonId[]> {
  const now = gallery.clock.now()
  const find = (some: readonly PersonId[]) => gallery.records.persons.findMany(some, waiting)
  const visible = new Set<PersonId>()
  for await (const persons of inPortions(ids, find))
    for (const person of persons) if (isVisible(person, now)) visible.add(person.id)
  return ids.filter((id) => !visible.has(id))
}

async function setMembership(
  gallery: GalleryPorts,
  wanted: { readonly id: PersonId; readonly groupId: GroupId; readonly isMember: boolean },
  waiting?: Waiting,
): Promise<void> {
  const { id, groupId, isMember } = wanted
  const decide = (person: Person) => {
    if (person.state !== 'live' || person.groups.includes(groupId) === isMember) return null
    const groups = isMember ? [...person.groups, groupId] : person.groups.filter((group) => group !== groupId)
    return { groups, updatedAt: gallery.clock.now() }
  }
  const changed = await changeSettled(gallery, { id, decide }, waiting)
  if (changed !== null && isMember) await dropDeadGroups(gallery, changed, waiting)
}
