import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { api, type Person } from '../../../server/api.ts'
import { fieldText } from './metadata-text.ts'
import type { WholePerson } from './whole-person.ts'

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
