import type { GalleryPorts } from '../gallery-ports.ts'
import type { Page, PageRequest } from '../page.ts'
import type { PersonQuery } from '../ports/person-records.ts'
import type { Listing } from '../ports/waiting.ts'
import { bytesOfRecords } from '../records/in-portions.ts'
import { imageOwnersAmong } from './merged-persons.ts'
import type { Person } from './person.ts'

/** Persons that are looked at in one step. */
const STEP = 500
/** Persons that one list looks at: fewer than fit may be among them, but no list takes longer than a few seconds. */
const MOST_LOOKED_AT = 10_000

interface WantedPersons {
  readonly query: PersonQuery
  readonly hasImages: boolean
  /** Its first page: whoever is passed over is not counted, so there are no others. */
  readonly request: PageRequest
}

/**
 * Visible persons with images, or without, newest first. No store keeps that of a person, because it changes with other
 * records than theirs; so persons are looked at in their order. A page may have fewer than `size`, even none, while there
 * is a `nextCursor`. `totalPages` is 2 if there is one, which says no more than that.
 */
export async function listByImages(
  { records }: Pick<GalleryPorts, 'records'>,
  { query, hasImages, request }: WantedPersons,
  listing: Listing = {},
): Promise<Page<Person>> {
  const items: Person[] = []
  let { cursor } = request
  for (let lookedAt = 0; lookedAt < MOST_LOOKED_AT; lookedAt += STEP) {
    const kept = bytesOfRecords(items)
    const onBytes = (bytes: number) => listing.onBytes?.(kept + bytes)
    const step = { page: 1, size: STEP, ...(cursor === undefined ? {} : { cursor }) }
    const found = await records.persons.list(query, step, { ...listing, onBytes })
    const ids = found.items.map(({ id }) => id)
    const owners = await imageOwnersAmong(records, ids, listing)
    const fitting = found.items.filter(({ id }) => owners.has(id) === hasImages)
    const room = request.size - items.length
    items.push(...fitting.slice(0, room))
    if (fitting.length > room) return pageUpTo(items, items.at(-1)?.id ?? null)
    if (fitting.length === room || found.nextCursor === null) return pageUpTo(items, found.nextCursor)
    cursor = found.nextCursor
  }
  return pageUpTo(items, cursor ?? null)
}

function pageUpTo(items: readonly Person[], nextCursor: string | null): Page<Person> {
  const whole = items.length > 0 ? 1 : 0
  return { items, page: 1, totalPages: nextCursor === null ? whole : 2, nextCursor }
}
