import { answerOf } from '@semblance/client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api } from './api.ts'

/** More groups than a person can choose from in a list. */
const MOST_GROUPS = 1000

export function useStats() {
  return useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/stats', { signal })),
  })
}

export function useGroups() {
  return useQuery({
    queryKey: ['groups'],
    queryFn: async ({ signal }) => {
      const query = { size: MOST_GROUPS }
      return (await answerOf(api.GET('/api/groups', { params: { query }, signal }))).items
    },
  })
}

/** Whatever shows persons, pictures or counts is read anew. */
export function useGalleryChanged(): () => void {
  const queries = useQueryClient()
  return useCallback(() => {
    for (const key of ['stats', 'people', 'person', 'groups', 'group', 'duplicates', 'look-alikes'])
      void queries.invalidateQueries({ queryKey: [key] })
  }, [queries])
}
