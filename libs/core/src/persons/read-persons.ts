import type { GalleryPorts } from '../gallery-ports.ts'
import type { Group } from '../groups/group.ts'
import { withLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { type Page, type PageRequest, pageOf } from '../page.ts'
import type { PersonQuery } from '../ports/person-records.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findVisiblePerson } from './find-visible-person.ts'
import type { Person } from './person.ts'

type Reader = Pick<GalleryPorts, 'records' | 'clock'>

/** Null if absent, deleted or expired. */
export async function readPerson(reader: Reader, id: PersonId, waiting?: Waiting): Promise<Person | null> {
  const person = await findVisiblePerson(reader, id, waiting)
  if (person === null) return null
  const [shown] = await withLiveGroups(reader, [person], waiting)
  return shown ?? null
}

export type PersonFilter = Omit<PersonQuery, 'nowMs' | 'groupId'>

/** Visible persons to whom all of the filter applies, newest first. */
export async function listPersons(
  reader: Reader,
  query: { readonly filter: PersonFilter; readonly request: PageRequest },
  waiting?: Waiting,
): Promise<Page<Person>> {
  const nowMs = reader.clock.now()
  const page = await reader.records.persons.list({ ...query.filter, nowMs }, query.request, waiting)
  return { ...page, items: await withLiveGroups(reader, page.items, waiting) }
}

/** Null if the group is absent or deleted. */
export async function listGroupPersons(
  reader: Reader,
  query: { readonly groupId: GroupId; readonly request: PageRequest },
  waiting?: Waiting,
): Promise<Page<Person> | null> {
  const group = await reader.records.groups.find(query.groupId, waiting)
  if (group?.state !== 'live') return null
  const nowMs = reader.clock.now()
  const page = await reader.records.persons.list({ groupId: query.groupId, nowMs }, query.request, waiting)
  return { ...page, items: await withLiveGroups(reader, page.items, waiting) }
}

/** The live groups of a person; null if the person is absent, deleted or expired. */
export async function listPersonGroups(
  reader: Reader,
  query: { readonly personId: PersonId; readonly request: PageRequest },
  waiting?: Waiting,
): Promise<Page<Group> | null> {
  const person = await findVisiblePerson(reader, query.personId, waiting)
  if (person === null) return null
  const groups = await reader.records.groups.findMany(person.groups, waiting)
  const { cursor } = query.request
  const live = groups
    .filter(({ id, state }) => state === 'live' && (cursor === undefined || id < cursor))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const { page, size } = query.request
  return pageOf(live.slice((page - 1) * size, page * size), live.length, query.request)
}
