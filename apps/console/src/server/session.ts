import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { addressOf } from './place.ts'
import { writeToken } from './write-token.ts'

export interface Session {
  readonly signedIn: boolean
  /** False: nothing is asked of anybody. */
  readonly keysAreSet: boolean
  readonly keyName: string | null
}

interface SessionAnswer {
  readonly signedIn?: boolean
  readonly keysAreSet?: boolean
  readonly keyName?: string
  readonly writeToken?: string
}

export const SESSION_KEY = ['session'] as const

/** Asked anew so often that whoever works is not signed out by the clock. */
const RENEW_MS = 5 * 60_000

export function useSession() {
  return useQuery({ queryKey: SESSION_KEY, queryFn: readSession, refetchInterval: RENEW_MS, retry: 1 })
}

async function readSession({ signal }: { readonly signal: AbortSignal }): Promise<Session> {
  const answer = await fetch(addressOf('/api/session'), { signal })
  // A server without sessions: its keys, if it has any, are given by a proxy.
  if (answer.status === 404) {
    // What nobody reads keeps its connection.
    await answer.body?.cancel()
    return { signedIn: true, keysAreSet: false, keyName: null }
  }
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
  return sessionOf((await answer.json()) as SessionAnswer)
}

function sessionOf(body: SessionAnswer): Session {
  writeToken.keep(body.writeToken ?? null)
  const { signedIn = false, keyName = null } = body
  return { signedIn, keysAreSet: body.keysAreSet ?? (!signedIn || keyName !== null), keyName }
}

/** Takes a key to the server once; false: it knows no such key. The key is kept nowhere. */
export function useSignIn(): (key: string) => Promise<boolean> {
  const queries = useQueryClient()
  return useCallback(
    async (key) => {
      const answer = await fetch(addressOf('/api/session'), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ key }),
      })
      if (answer.status === 401 || answer.status === 403 || answer.status === 400) return false
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      queries.setQueryData(SESSION_KEY, sessionOf((await answer.json()) as SessionAnswer))
      return true
    },
    [queries],
  )
}

/** Everything that was read under the session is forgotten with it. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient()
  return useCallback(async () => {
    const token = writeToken.read()
    await fetch(addressOf('/api/session'), {
      method: 'DELETE',
      headers: token === null ? {} : { 'X-Semblance-Write-Token': token },
    })
    writeToken.keep(null)
    queries.clear()
    queries.setQueryData(SESSION_KEY, { signedIn: false, keysAreSet: true, keyName: null } satisfies Session)
  }, [queries])
}
