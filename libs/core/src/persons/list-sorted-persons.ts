import type { GalleryPorts } from '../gallery-ports.ts'
import { withLiveGroups } from '../groups/live-groups.ts'
import type { PersonId } from '../ids.ts'
import type { Page } from '../page.ts'
import type { PersonPlace, PersonQuery, PersonSort } from '../ports/person-records.ts'
import type { Listing } from '../ports/waiting.ts'
import { readPage } from '../records/read-page.ts'
import { imageOwnersAmong } from './merged-persons.ts'
import { isVisible, type Person } from './person.ts'
import { newCursorKey, openPlace, sealPlace } from './person-cursor.ts'
import type { PersonFilter } from './read-persons.ts'

type Reader = Pick<GalleryPorts, 'records' | 'clock'>

/** Places that are looked at in one step, and in one list: see `listByImages`. */
const STEP = 500
const MOST_LOOKED_AT = 10_000

interface SortedList {
  readonly filter: PersonFilter
  readonly sort: PersonSort
  readonly size: number
  /** So many are left out at the beginning; without a cursor and `hasImages` alone. */
  readonly skip?: number
  /** The `nextCursor` of a list in the same order. */
  readonly cursor?: string
}

/**
 * Visible persons to whom all of the filter applies, in the order of `sort`; null for a cursor that no such list gave. Who
 * is not written to is on exactly one page; who is may be on none or on several. `totalPages` is 2 if more come after, which
 * says no more than that.
 */
export async function listSortedPersons(
  reader: Reader,
  list: SortedList,
  listing: Listing = {},
): Promise<Page<Person> | null> {
  const { records, clock } = reader
  const { sort, size, cursor } = list
  const readKey = () => records.settings.claimCursorKey(newCursorKey(), listing)
  const after = cursor === undefined ? null : openPlace(cursor, sort, await readKey())
  if (cursor !== undefined && after === null) return null
  const nowMs = clock.now()
  const { places, next } = await findPlaces(reader, { ...list, after, nowMs }, listing)
  const onPage = { ids: places.map(({ id }) => id), total: places.length }
  const findMany = (ids: readonly PersonId[]) => records.persons.findMany(ids, listing)
  const isShown = (person: Person) => isVisible(person, nowMs)
  const page = await readPage(onPage, { request: { page: 1, size }, findMany, isShown }, listing)
  const nextCursor = next === null ? null : sealPlace(next, sort, await readKey())
  return {
    items: await withLiveGroups(reader, page.items, listing),
    page: 1,
    totalPages: next === null ? Math.min(places.length, 1) : 2,
    nextCursor,
  }
}

interface Places {
  readonly places: readonly PersonPlace[]
  /** The place to go on after; null if nothing comes after it. */
  readonly next: PersonPlace | null
}

interface WantedPlaces extends SortedList {
  readonly after: PersonPlace | null
  readonly nowMs: number
}

async function findPlaces(
  { records }: Reader,
  { filter, sort, size, skip = 0, after, nowMs }: WantedPlaces,
  listing: Listing,
): Promise<Places> {
  const { hasImages, ...asked } = filter
  if (asked.groupId !== undefined) {
    const group = await records.groups.find(asked.groupId, listing)
    if (group?.state !== 'live') return { places: [], next: null }
  }
  const query = { ...asked, sort, nowMs }
  if (hasImages !== undefined) return findByImages(records, { query, hasImages, size, after }, listing)
  const found = await records.persons.listSorted({ ...query, after, skip, limit: size + 1 }, listing)
  return upTo(found, size, null)
}

async function findByImages(
  records: Reader['records'],
  wanted: Pick<WantedPlaces, 'size' | 'after'> & {
    readonly query: PersonQuery & { readonly sort: PersonSort }
    readonly hasImages: boolean
  },
  listing: Listing,
): Promise<Places> {
  const { query, hasImages, size } = wanted
  let { after } = wanted
  const fitting: PersonPlace[] = []
  for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT && fitting.length <= size; lookedAt += STEP) {
    const found = await records.persons.listSorted({ ...query, after, limit: STEP }, listing)
    const ids = found.map(({ id }) => id)
    const owners = await imageOwnersAmong(records, ids, listing)
    fitting.push(...found.filter(({ id }) => owners.has(id) === hasImages))
    if (found.length < STEP) return upTo(fitting, size, null)
    after = found.at(-1) ?? null
  }
  return upTo(fitting, size, after)
}

/** @param lookedUpTo where to go on if all that was found is on the page; null if nothing comes after that */
function upTo(found: readonly PersonPlace[], size: number, lookedUpTo: PersonPlace | null): Places {
  const places = found.slice(0, size)
  return { places, next: found.length > size ? (places.at(-1) ?? null) : lookedUpTo }
}
