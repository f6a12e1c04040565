import { answerOf } from '@semblance/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { conditionIn } from '../../parts/metadata-field.tsx'
import { api, type Person } from '../../server/api.ts'

const PAGE = 100

export const SORTS = ['newest', 'name', '-name', '-updatedAt'] as const
export type Sort = (typeof SORTS)[number]

export interface PeopleFilter {
  /** What the name begins with; empty: anything. */
  readonly namePrefix: string
  readonly groupId: string
  /** Such as `department=reception`; empty: any. */
  readonly metadata: string
  readonly pictures: '' | 'true' | 'false'
  readonly sort: Sort
}

export const EVERYBODY: PeopleFilter = {
  namePrefix: '',
  groupId: '',
  metadata: '',
  pictures: '',
  sort: 'newest',
}

export function isNarrowed({ namePrefix, groupId, metadata, pictures }: PeopleFilter): boolean {
  return namePrefix !== '' || groupId !== '' || conditionIn(metadata) !== null || pictures !== ''
}

/** The filter as the server's lists, exports and deletions take it. */
export function filterFields({ namePrefix, groupId, metadata, pictures }: PeopleFilter) {
  const condition = conditionIn(metadata)
  return {
    ...(condition === null ? {} : { [`metadata.${condition.key}`]: condition.value }),
    ...(namePrefix === '' ? {} : { namePrefix }),
    ...(groupId === '' ? {} : { groupId }),
    ...(pictures === '' ? {} : { hasImages: pictures }),
  }
}

interface Page {
  readonly items: readonly Person[]
  readonly nextCursor?: string
}

/** Where a page begins, and the beginning of names by which the first one found somebody: a cursor belongs to it. */
interface PageStart {
  readonly cursor: string
  readonly namePrefix: string
}

/** People in pages, each asked for as the list is scrolled to it. */
export function usePeople(filter: PeopleFilter) {
  return useInfiniteQuery({
    queryKey: ['people', filter],
    initialPageParam: { cursor: '', namePrefix: filter.namePrefix } as PageStart,
    queryFn: async ({ pageParam: { cursor, namePrefix }, signal }): Promise<Page & PageStart> => {
      const start = { cursor, namePrefix }
      const page = await readPage({ ...filter, namePrefix }, cursor, signal)
      const capital = capitalised(namePrefix)
      // Names are compared as they were written, and most begin with capitals.
      if (cursor !== '' || page.items.length > 0 || capital === namePrefix) return { ...page, ...start }
      const found = await readPage({ ...filter, namePrefix: capital }, '', signal)
      return { ...found, cursor, namePrefix: capital }
    },
    getNextPageParam: ({ nextCursor, namePrefix }) =>
      nextCursor === undefined ? undefined : { cursor: nextCursor, namePrefix },
  })
}

async function readPage(filter: PeopleFilter, cursor: string, signal: AbortSignal): Promise<Page> {
  const query = {
    size: PAGE,
    ...filterFields(filter),
    ...(filter.sort === 'newest' ? {} : { sort: filter.sort }),
    ...(cursor === '' ? {} : { cursor }),
  }
  return answerOf(api.GET('/api/persons', { params: { query }, signal }))
}

function capitalised(text: string): string {
  return text.replace(
    /(^|[\s-])(\p{Ll})/gu,
    (_all, before: string, letter: string) => before + letter.toUpperCase(),
  )
}
