import { answerOf } from '@semblance/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { api, type Person } from '../../server/api.ts'

const PAGE = 100

export const SORTS = ['newest', 'name', '-name', '-updatedAt'] as const
export type Sort = (typeof SORTS)[number]

export interface PeopleFilter {
  /** What the name begins with; empty: anything. */
  readonly namePrefix: string
  readonly groupId: string
  readonly pictures: '' | 'true' | 'false'
  readonly sort: Sort
}

export const EVERYBODY: PeopleFilter = { namePrefix: '', groupId: '', pictures: '', sort: 'newest' }

export function isNarrowed({ namePrefix, groupId, pictures }: PeopleFilter): boolean {
  return namePrefix !== '' || groupId !== '' || pictures !== ''
}

/** The filter as the server's lists, exports and deletions take it. */
export function filterFields({ namePrefix, groupId, pictures }: PeopleFilter) {
  return {
    ...(namePrefix === '' ? {} : { namePrefix }),
    ...(groupId === '' ? {} : { groupId }),
    ...(pictures === '' ? {} : { hasImages: pictures }),
  }
}

interface Page {
  readonly items: readonly Person[]
  readonly nextCursor?: string
}

/** People in pages, each asked for as the list is scrolled to it. */
export function usePeople(filter: PeopleFilter) {
  return useInfiniteQuery({
    queryKey: ['people', filter],
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const page = await readPage(filter, pageParam, signal)
      const capital = capitalised(filter.namePrefix)
      // Names are compared as they were written, and most begin with capitals.
      if (pageParam !== '' || page.items.length > 0 || capital === filter.namePrefix) return page
      return readPage({ ...filter, namePrefix: capital }, '', signal)
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
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
