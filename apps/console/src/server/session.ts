import { answerOf, type components, SemblanceProblem } from '@semblance/client'
import { type QueryClient, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { api } from './api.ts'
import { readAllAnew } from './queries.ts'
import { SESSION_KEY, VIEW_KEY } from './session-key.ts'
import { writeToken } from './write-token.ts'

/** `keysAreSet` false: nothing is asked of anybody. */
export interface Session
  extends Pick<components['schemas']['Session'], 'signedIn' | 'keysAreSet' | 'keyName' | 'rights'> {
  /** Somebody signed out, here or in another tab: whoever comes next gets nothing of what was shown. */
  readonly isEnded?: boolean
}

/** Asked anew so often that whoever works is not signed out by the clock. */
const RENEW_MS = 5 * 60_000
/** By this the tabs of one browser hear of a sign-out. Nothing is stored. */
const TABS = 'semblance-session'

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
        // What was refused meanwhile is asked for anew.
        readAllAnew(queries)
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

/** Everything that was read under the session is forgotten with it, in all tabs. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return useCallback(async () => {
    await answerOf(api.DELETE('/api/session')).catch((fault: unknown) => {
      // It was over already.
      if (!isUnknownKey(fault)) throw fault
    })
    forgetSession(queries)
    const tabs = new BroadcastChannel(TABS)
    tabs.postMessage('signed out')
    tabs.close()
  }, [queries])
}

/** Hears of a sign-out in another tab of this browser. */
export function useSignOutElsewhere(): void {
  const queries = useQueryClient()
  useEffect(() => {
    const tabs = new BroadcastChannel(TABS)
    tabs.onmessage = () => forgetSession(queries)
    return () => tabs.close()
  }, [queries])
}

function forgetSession(queries: QueryClient): void {
  writeToken.keep(null)
  const over = {
    signedIn: false,
    keysAreSet: true,
    keyName: null,
    rights: [],
    isEnded: true,
  } satisfies Session
  queries.setQueryData<Session>(SESSION_KEY, over)
  const kept: readonly unknown[] = [SESSION_KEY[0], VIEW_KEY]
  queries.removeQueries({ predicate: ({ queryKey }) => !kept.includes(queryKey[0]) })
}
