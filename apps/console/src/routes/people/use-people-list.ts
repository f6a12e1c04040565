import {
  keepPreviousData,
  type QueryClient,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useSettled } from '../../parts/use-settled.ts'
import type { Person } from '../../server/api.ts'
import { countPeople, PAGE, type PeopleFilter, readFirst, readPage, usePeople } from './people-query.ts'
import type { Pages } from './selection.ts'

/** Pages out of sight are forgotten after this, so that a hundred thousand people never are in memory at once. */
const KEPT_MS = 60_000
/** Whoever drags the scroll bar passes many pages; one is asked for once it has been in sight for so long. */
const SETTLED_MS = 60

export interface PeopleList {
  readonly isPending: boolean
  readonly error: unknown
  readonly data: object | undefined
  readonly refetch: () => void
  /** Whom the list shows: the filter, but while another one is still asked for, that of before. */
  readonly filter: PeopleFilter
  readonly isChanging: boolean
  readonly total: number
  /** False: more may come after those. */
  readonly isTotalKnown: boolean
  /** Undefined: not read yet. */
  readonly at: (place: number) => Person | undefined
  /** Those who are at hand. */
  readonly pages: () => Pages
  /**
   * Reads pages by their numbers, though they are at hand, and answers what was read now, and nothing else: `pages` may
   * still be of before. Rejects where one of them did not come.
   */
  readonly reread: (pages: readonly number[]) => Promise<Pages>
  /** These places are in sight; both included. */
  readonly onSight: (from: number, to: number) => void
  /** Reads what is missing between two places; both included. */
  readonly between: (from: number, to: number) => Promise<readonly Person[]>
}

/** A list that can be entered anywhere, by the places of people in it. */
export function usePeopleList(filter: PeopleFilter): PeopleList {
  // Of whoever has pictures, the server knows neither the number nor the middle.
  const isWalk = filter.pictures !== ''
  const walk = useWalk(filter, isWalk)
  const jump = useJump(filter, !isWalk)
  return isWalk ? walk : jump
}

interface Head {
  readonly total: number
  readonly filter: PeopleFilter
}

function useJump(filter: PeopleFilter, isEnabled: boolean): PeopleList {
  const queries = useQueryClient()
  const head = useQuery({
    queryKey: ['people', 'head', filter],
    enabled: isEnabled,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Head> => {
      const { page, filter: found } = await readFirst(filter, signal)
      const isAll = page.nextCursor === undefined
      const total = isAll ? page.items.length : await countPeople(found, signal)
      queries.setQueryData(keyOf(found, 0), page.items)
      return { total, filter: found }
    },
  })
  const shown = head.data?.filter ?? filter
  const [pages, setPages] = useState<readonly number[]>([])
  const settled = useSettled(pages, SETTLED_MS)
  useQueries({
    queries: (isEnabled && head.data !== undefined ? settled : []).map((page) => pageQuery(shown, page)),
  })
  const total = head.data?.total ?? 0
  const onSight = useCallback((from: number, to: number) => {
    const next = pagesOf(from, to)
    setPages((before) => (before.join() === next.join() ? before : next))
  }, [])
  return {
    isPending: head.isPending,
    error: head.error,
    data: head.data,
    refetch: () => void head.refetch(),
    filter: shown,
    isChanging: head.isPlaceholderData,
    total,
    isTotalKnown: true,
    at: (place) => cachedPage(queries, shown, Math.floor(place / PAGE))?.[place % PAGE],
    ...pagesOfList(queries, shown),
    onSight,
  }
}

type PagesOfList = Pick<PeopleList, 'pages' | 'reread' | 'between'>

function pagesOfList(queries: QueryClient, filter: PeopleFilter): PagesOfList {
  return {
    pages: () => pagesAtHand(queries, filter),
    reread: async (numbers) => {
      const read = numbers.map(async (page) => {
        const items = await queries.fetchQuery({ ...pageQuery(filter, page), staleTime: 0 })
        return [page, items] as const
      })
      return new Map(await Promise.all(read))
    },
    between: async (from, to) => {
      const read = await Promise.all(
        pagesOf(from, to).map((page) => queries.ensureQueryData(pageQuery(filter, page))),
      )
      const first = Math.floor(from / PAGE) * PAGE
      return read.flat().slice(from - first, to - first + 1)
    },
  }
}

const keyOf = (filter: PeopleFilter, page: number) => ['people', 'page', filter, page] as const

function pageQuery(filter: PeopleFilter, page: number) {
  return {
    queryKey: keyOf(filter, page),
    gcTime: KEPT_MS,
    queryFn: async ({ signal }: { readonly signal: AbortSignal }) =>
      (await readPage(filter, { place: page * PAGE }, signal)).items,
  }
}

function cachedPage(queries: QueryClient, filter: PeopleFilter, page: number) {
  return queries.getQueryData<readonly Person[]>(keyOf(filter, page))
}

function pagesAtHand(queries: QueryClient, filter: PeopleFilter): Pages {
  const pages = queries.getQueriesData<readonly Person[]>({ queryKey: ['people', 'page', filter] })
  return new Map(pages.map(([key, items]) => [Number(key.at(-1)), items ?? []]))
}

function pagesOf(from: number, to: number): readonly number[] {
  const first = Math.floor(from / PAGE)
  return Array.from({ length: Math.max(0, Math.floor(to / PAGE) - first + 1) }, (_, place) => first + place)
}

function useWalk(filter: PeopleFilter, isEnabled: boolean): PeopleList {
  const people = usePeople(filter, isEnabled)
  const persons = useMemo(() => people.data?.pages.flatMap(({ items }) => items) ?? [], [people.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = people
  return {
    isPending: people.isPending,
    error: people.error,
    data: people.data,
    refetch: () => void people.refetch(),
    filter: people.data?.pages[0]?.filter ?? filter,
    isChanging: false,
    total: persons.length,
    isTotalKnown: !hasNextPage,
    at: (place) => persons[place],
    pages: () => pagesOfWalk(people.data),
    // Of a walk, all pages are read, each after the one before.
    reread: async () => pagesOfWalk((await people.refetch({ throwOnError: true })).data),
    onSight: (_from, to) => {
      if (to >= persons.length - 1 && hasNextPage && !isFetchingNextPage) void fetchNextPage()
    },
    between: async (from, to) => persons.slice(from, to + 1),
  }
}

function pagesOfWalk(walk: ReturnType<typeof usePeople>['data']): Pages {
  return new Map(walk?.pages.map(({ items }, page) => [page, items]))
}
