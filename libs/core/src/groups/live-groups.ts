import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId } from '../ids.ts'
import type { Person } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'
import { inPortions } from '../records/in-portions.ts'

/** The ids among these that name a live group. */
export async function findLiveGroups(
  gallery: Pick<GalleryPorts, 'records'>,
  ids: Iterable<GroupId>,
  waiting?: Waiting,
): Promise<ReadonlySet<GroupId>> {
  const find = (some: readonly GroupId[]) => gallery.records.groups.findMany(some, waiting)
  const live = new Set<GroupId>()
  for await (const groups of inPortions([...new Set(ids)], find))
    for (const { id, state } of groups) if (state === 'live') live.add(id)
  return live
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
