import { answerOf } from '@semblance/client'
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import { api, type Person } from '../../../server/api.ts'
import { fieldText } from './metadata-text.ts'
import type { WholePerson } from './whole-person.ts'

function personQuery(personId: string) {
  return queryOptions({
    queryKey: ['person', personId],
    queryFn: async ({ signal }): Promise<WholePerson> => {
      const params = { path: { personId } }
      const asked = api.GET('/api/persons/{personId}', { params, signal, parseAs: 'text' })
      const json = await answerOf(asked)
      const etag = (await asked).response.headers.get('etag')
      return { ...(JSON.parse(json) as Person), metadataText: fieldText(json, 'metadata') ?? '{}', etag }
    },
  })
}

export function usePerson(personId: string) {
  return useQuery(personQuery(personId))
}

/** The person as the server has it now; whoever shows it gets the same. */
export function rereadPerson(queries: QueryClient, personId: string): Promise<WholePerson> {
  return queries.fetchQuery({ ...personQuery(personId), staleTime: 0 })
}
