import { answerOf } from '@semblance/client'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api } from './api.ts'
import { SESSION_KEY } from './session-key.ts'

/** More groups than a person can choose from in a list. */
const MOST_GROUPS = 1000

export function useStats() {
  return useQuery({
    queryKey: ['stats'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/stats', { signal })),
  })
}

/** A gallery moves to another model pack now and then at most. */
const SAME_PACK_MS = 600_000

/** How often strangers come how near; null: nobody has measured it of the server's pack. */
export function useStrangerRates() {
  return useQuery({
    queryKey: ['stranger-rates'],
    staleTime: SAME_PACK_MS,
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/system', { signal }))).pack?.strangers ?? null,
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

/** For `meta` of queries about a picture that somebody chose: what was found in it stays right, and costs work to find. */
export const OF_PICTURE = { isOfPicture: true }

/** Everything that is shown, but for what was found in pictures; of that, whatever failed. */
export function readAllAnew(queries: QueryClient): void {
  void queries.invalidateQueries({
    predicate: ({ queryKey, meta, state }) =>
      queryKey[0] !== SESSION_KEY[0] && (meta?.isOfPicture !== true || state.status === 'error'),
  })
}
