import type { GalleryPorts } from '../gallery-ports.ts'
import type { Group } from '../groups/group.ts'
import { findLiveGroups, withLiveGroups } from '../groups/live-groups.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { type Page, type PageRequest, pageOf } from '../page.ts'
import type { PersonQuery } from '../ports/person-records.ts'
import type { Listing, Waiting } from '../ports/waiting.ts'
import { readPage } from '../records/read-page.ts'
import { findVisiblePerson } from './find-visible-person.ts'
import { listByImages } from './list-by-images.ts'
import type { Person } from './person.ts'

type Reader = Pick<GalleryPorts, 'records' | 'clock'>

/** Null if absent, deleted or expired. */
export async function readPerson(reader: Reader, id: PersonId, waiting?: Waiting): Promise<Person | null> {
  const person = await findVisiblePerson(reader, id, waiting)
  if (person === null) return null
  const [shown] = await withLiveGroups(reader, [person], waiting)
  return shown ?? null
}

export interface PersonFilter extends Omit<PersonQuery, 'nowMs'> {
  /** See `listByImages`; only a first page, or one after a cursor, may be asked for then. */
  readonly hasImages?: boolean
}

/** Visible persons to whom all of the filter applies, newest first. A group that is not there has nobody. */
export async function listPersons(
  reader: Reader,
  query: { readonly filter: PersonFilter; readonly request: PageRequest },
  listing?: Listing,
): Promise<Page<Person>> {
  const { request } = query
  const { hasImages, ...filter } = query.filter
  if (filter.groupId !== undefined) {
    const group = await reader.records.groups.find(filter.groupId, listing)
    if (group?.state !== 'live') return pageOf([], 0, request)
  }
  const asked = { ...filter, nowMs: reader.clock.now() }
  const page =
    hasImages === undefined
      ? await reader.records.persons.list(asked, request, listing)
      : await listByImages(reader, { query: asked, hasImages, request }, listing)
  return { ...page, items: await withLiveGroups(reader, page.items, listing) }
}

/** Null if the group is absent or deleted. */
export async function listGroupPersons(
  reader: Reader,
  query: { readonly groupId: GroupId; readonly request: PageRequest },
  listing?: Listing,
): Promise<Page<Person> | null> {
  const group = await reader.records.groups.find(query.groupId, listing)
  if (group?.state !== 'live') return null
  const nowMs = reader.clock.now()
  const page = await reader.records.persons.list({ groupId: query.groupId, nowMs }, query.request, listing)
  return { ...page, items: await withLiveGroups(reader, page.items, listing) }
}

/** The live groups of a person; null if the person is absent, deleted or expired. */
export async function listPersonGroups(
  reader: Reader,
  query: { readonly personId: PersonId; readonly request: PageRequest },
  listing?: Listing,
): Promise<Page<Group> | null> {
  const { groups } = reader.records
  const { request } = query
  const person = await findVisiblePerson(reader, query.personId, listing)
  if (person === null) return null
  const live = await findLiveGroups(reader, person.groups, listing)
  const newestFirst = [...live].toSorted((a, b) => (a < b ? 1 : -1))
  const { cursor, page, size } = request
  const listed = cursor === undefined ? newestFirst : newestFirst.filter((id) => id < cursor)
  const onPage = { ids: listed.slice((page - 1) * size, page * size), total: listed.length }
  const findMany = (ids: readonly GroupId[]) => groups.findMany(ids, listing)
  return readPage(onPage, { request, findMany, isShown: ({ state }) => state === 'live' }, listing)
}
