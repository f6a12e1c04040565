import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId } from '../ids.ts'
import type { Person } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'

/** The ids among these that name a live group. */
export async function findLiveGroups(
  gallery: Pick<GalleryPorts, 'records'>,
  ids: Iterable<GroupId>,
  waiting?: Waiting,
): Promise<ReadonlySet<GroupId>> {
  const asked = [...new Set(ids)]
  if (asked.length === 0) return new Set()
  const groups = await gallery.records.groups.findMany(asked, waiting)
  return new Set(groups.filter((group) => group.state === 'live').map((group) => group.id))
}

/** The same persons, their groups cut down to the live ones: what a reader may see. */
export async function withLiveGroups(
  gallery: Pick<GalleryPorts, 'records'>,
  persons: readonly Person[],
  waiting?: Waiting,
): Promise<readonly Person[]> {
  const live = await findLiveGroups(
    gallery,
    persons.flatMap((person) => person.groups),
    waiting,
  )
  return persons.map((person) => ({ ...person, groups: person.groups.filter((id) => live.has(id)) }))
}
