import { overloaded } from '../errors.ts'
import { type Page, type PageRequest, pageOf } from '../page.ts'
import type { Listing, Waiting } from '../ports/waiting.ts'
import { Slots } from '../slots.ts'
import { bytesOfRecords, inPortions, type LongRecord } from './in-portions.ts'

/** What a page is to hold, in its order, before its records are read. */
export interface PageOfIds<Id extends string> {
  readonly ids: readonly Id[]
  /** How many there are on all pages, from the cursor on. */
  readonly total: number
}

export interface PageReader<Item extends LongRecord> {
  readonly request: PageRequest
  /** Answers those that exist and can be used, in any order. */
  readonly findMany: (ids: readonly Item['id'][]) => Promise<readonly Item[]>
  /** Whether a record is still to be seen: it may have changed since its id was read. */
  readonly isShown: (item: Item) => boolean
}

/** Portions of all lists of the process that are read at once: nobody has asked for room for these yet. */
const portions = new Slots(8)
/** The longest wait for the turn of a portion. */
const TURN_MS = 5_000
const RETRY_AFTER_S = 1

/**
 * Reads the records of a page a portion at a time and tells of their bytes before it reads more. Nothing is skipped:
 * the next page begins after the last id of this one, whatever became of its record. Throws E_OVERLOADED if too many
 * lists are read at once.
 */
export async function readPage<Item extends LongRecord>(
  { ids, total }: PageOfIds<Item['id']>,
  { request, findMany, isShown }: PageReader<Item>,
  listing: Listing = {},
): Promise<Page<Item>> {
  const items: Item[] = []
  const rankOf = new Map<string, number>(ids.map((id, rank) => [id, rank]))
  let bytes = 0
  const findInTurn = (some: readonly Item['id'][]) => inTurn(() => findMany(some), listing)
  for await (const found of inPortions(ids, findInTurn)) {
    const shown = found.filter(isShown)
    items.push(...shown.toSorted((a, b) => (rankOf.get(a.id) ?? 0) - (rankOf.get(b.id) ?? 0)))
    bytes += bytesOfRecords(shown)
    listing.onBytes?.(bytes)
  }
  const page = pageOf(items, total, request)
  return { ...page, nextCursor: request.page < page.totalPages ? (ids.at(-1) ?? null) : null }
}

async function inTurn<T>(task: () => Promise<T>, { signal }: Waiting): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(overloaded('the queue of lists', RETRY_AFTER_S)), TURN_MS)
  const begin = () => {
    clearTimeout(timer)
    return task()
  }
  const either = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal])
  return portions.run(begin, { signal: either }).finally(() => clearTimeout(timer))
}
