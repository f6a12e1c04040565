import { answerOf } from '@semblance/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { conditionsIn } from '../../parts/metadata-conditions.ts'
import { api, type Person } from '../../server/api.ts'

/** People that are asked for at once: some rows more than a screen. */
export const PAGE = 100

export const SORTS = ['newest', 'name', '-name', '-updatedAt'] as const
export type Sort = (typeof SORTS)[number]

export interface PeopleFilter {
  /** What the name begins with; empty: anything. */
  readonly namePrefix: string
  readonly groupId: string
  /** Each such as `department=reception`; all must hold. */
  readonly metadata: readonly string[]
  readonly pictures: '' | 'true' | 'false'
  readonly sort: Sort
}

export const EVERYBODY: PeopleFilter = {
  namePrefix: '',
  groupId: '',
  metadata: [],
  pictures: '',
  sort: 'newest',
}

export function isNarrowed({ namePrefix, groupId, metadata, pictures }: PeopleFilter): boolean {
  const conditions = Object.keys(conditionsIn(metadata)).length
  return namePrefix !== '' || groupId !== '' || conditions > 0 || pictures !== ''
}

/** The filter as the server's lists, exports and deletions take it. */
export function filterFields({ namePrefix, groupId, metadata, pictures }: PeopleFilter) {
  const conditions = Object.entries(conditionsIn(metadata))
  return {
    ...Object.fromEntries(conditions.map(([key, values]) => [`metadata.${key}`, [...values]])),
    ...(namePrefix === '' ? {} : { namePrefix }),
    ...(groupId === '' ? {} : { groupId }),
    ...(pictures === '' ? {} : { hasImages: pictures }),
  }
}

interface Page {
  readonly items: readonly Person[]
  readonly totalPages: number
  readonly nextCursor?: string
}

/** Where a page begins: after a cursor, or so many from the beginning of the list. */
export type PageStart = { readonly cursor: string } | { readonly place: number }

export async function readPage(filter: PeopleFilter, start: PageStart, signal: AbortSignal): Promise<Page> {
  const { sort } = filter
  const query = {
    size: PAGE,
    ...filterFields(filter),
    ...(sort === 'newest' ? {} : { sort }),
    ...('cursor' in start ? startAfter(start.cursor) : startAt(start.place, sort)),
  }
  return answerOf(api.GET('/api/persons', { params: { query }, signal }))
}

function startAfter(cursor: string) {
  return cursor === '' ? {} : { cursor }
}

/** Only the order by ids has numbered pages. */
function startAt(place: number, sort: Sort) {
  if (place === 0) return {}
  return sort === 'newest' ? { page: 1 + place / PAGE } : { skip: place }
}

/** How many the filter leaves: pages of one are counted. */
export async function countPeople(filter: PeopleFilter, signal: AbortSignal): Promise<number> {
  const query = { size: 1, ...filterFields(filter) }
  return (await answerOf(api.GET('/api/persons', { params: { query }, signal }))).totalPages
}

/**
 * The first page, and the filter that found somebody: names are compared as they were written, and most begin with
 * capitals.
 */
export async function readFirst(
  filter: PeopleFilter,
  signal: AbortSignal,
): Promise<{ readonly page: Page; readonly filter: PeopleFilter }> {
  const page = await readPage(filter, { place: 0 }, signal)
  const namePrefix = capitalised(filter.namePrefix)
  if (page.items.length > 0 || namePrefix === filter.namePrefix) return { page, filter }
  const other = { ...filter, namePrefix }
  return { page: await readPage(other, { place: 0 }, signal), filter: other }
}

interface WalkStart {
  readonly cursor: string
  /** The one by which the first page found somebody: a cursor belongs to it. */
  readonly filter: PeopleFilter
}

/** People in pages, each asked for after the one before: for filters whose lists the server cannot enter in the middle. */
export function usePeople(filter: PeopleFilter, isEnabled = true) {
  return useInfiniteQuery({
    queryKey: ['people', 'walk', filter],
    enabled: isEnabled,
    initialPageParam: { cursor: '', filter } as WalkStart,
    queryFn: async ({ pageParam, signal }) => {
      if (pageParam.cursor === '') {
        const first = await readFirst(filter, signal)
        return { ...first.page, filter: first.filter }
      }
      return { ...(await readPage(pageParam.filter, pageParam, signal)), filter: pageParam.filter }
    },
    getNextPageParam: (page): WalkStart | undefined =>
      page.nextCursor === undefined ? undefined : { cursor: page.nextCursor, filter: page.filter },
  })
}

function capitalised(text: string): string {
  return text.replace(
    /(^|[\s-])(\p{Ll})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  )
}
