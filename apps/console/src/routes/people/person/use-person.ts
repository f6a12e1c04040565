import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { api, type Person } from '../../../server/api.ts'
import { fieldText } from './metadata-text.ts'

/** A person with the very text of the metadata, in which numbers have all their digits. */
export interface WholePerson extends Person {
  readonly metadataText: string
}

export function usePerson(personId: string) {
  return useQuery({
    queryKey: ['person', personId],
    queryFn: async ({ signal }): Promise<WholePerson> => {
      const params = { path: { personId } }
      const json = await answerOf(api.GET('/api/persons/{personId}', { params, signal, parseAs: 'text' }))
      return { ...(JSON.parse(json) as Person), metadataText: fieldText(json, 'metadata') ?? '{}' }
    },
  })
}
