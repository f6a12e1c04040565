import { answerOf, type components, SemblanceProblem } from '@semblance/client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api } from './api.ts'
import { writeToken } from './write-token.ts'

/** `keysAreSet` false: nothing is asked of anybody. */
export type Session = Pick<components['schemas']['Session'], 'signedIn' | 'keysAreSet' | 'keyName' | 'rights'>

export const SESSION_KEY = ['session'] as const

/** Asked anew so often that whoever works is not signed out by the clock. */
const RENEW_MS = 5 * 60_000

export function useSession() {
  return useQuery({
    queryKey: SESSION_KEY,
    queryFn: async ({ signal }) => kept(await answerOf(api.GET('/api/session', { signal }))),
    refetchInterval: RENEW_MS,
    retry: 1,
  })
}

function kept({ writeToken: token, ...session }: components['schemas']['Session']): Session {
  writeToken.keep(token)
  return session
}

/** Takes a key to the server once; false: it knows no such key. The key is kept nowhere. */
export function useSignIn(): (key: string) => Promise<boolean> {
  const queries = useQueryClient()
  return useCallback(
    async (key) => {
      try {
        queries.setQueryData(SESSION_KEY, kept(await answerOf(api.POST('/api/session', { body: { key } }))))
        return true
      } catch (fault) {
        if (isUnknownKey(fault)) return false
        throw fault
      }
    },
    [queries],
  )
}

function isUnknownKey(fault: unknown): boolean {
  return fault instanceof SemblanceProblem && fault.status === 401
}

/** Everything that was read under the session is forgotten with it. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return useCallback(async () => {
    await answerOf(api.DELETE('/api/session')).catch((fault: unknown) => {
      // It was over already.
      if (!isUnknownKey(fault)) throw fault
    })
    writeToken.keep(null)
    const over = { signedIn: false, keysAreSet: true, keyName: null, rights: [] } satisfies Session
    queries.setQueryData(SESSION_KEY, over)
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== SESSION_KEY[0] })
  }, [queries])
}
