import { useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { addressOf } from './place.ts'
import { readAllAnew } from './queries.ts'
import { SESSION_KEY } from './session-key.ts'
import { isUnreachable } from './unreachable.ts'

/** So often a server that went away is asked whether it is back. */
const ASKED_EVERY_MS = 2000
const ANSWERED_WITHIN_MS = 5000

interface Connection {
  /** The last call found no server. */
  readonly isAway: boolean
  /** How often it came back: what failed meanwhile, such as pictures, is asked for anew with each time. */
  readonly returns: number
}

const Context = createContext<Connection>({ isAway: false, returns: 0 })

export function useConnection(): Connection {
  return useContext(Context)
}

/** Notices by any call that the server is away, asks until it is back, and then has everything that is shown read anew. */
export function ConnectionProvider({ children }: { readonly children: ReactNode }) {
  const queries = useQueryClient()
  const [connection, setConnection] = useState<Connection>({ isAway: false, returns: 0 })
  useEffect(() => {
    const note = (error: unknown) => {
      if (isUnreachable(error))
        setConnection((before) => (before.isAway ? before : { ...before, isAway: true }))
    }
    const ofQueries = queries.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && (event.action.type === 'failed' || event.action.type === 'error'))
        note(event.action.error)
    })
    const ofMutations = queries.getMutationCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'error') note(event.action.error)
    })
    return () => {
      ofQueries()
      ofMutations()
    }
  }, [queries])
  useEffect(() => {
    if (!connection.isAway) return
    const timer = window.setInterval(() => {
      void answers().then((isBack) => {
        if (!isBack) return
        setConnection((before) => (before.isAway ? { isAway: false, returns: before.returns + 1 } : before))
        void queries.invalidateQueries({ queryKey: SESSION_KEY })
        readAllAnew(queries)
      })
    }, ASKED_EVERY_MS)
    return () => window.clearInterval(timer)
  }, [connection.isAway, queries])
  return <Context value={connection}>{children}</Context>
}

/** Whether the server says anything, whatever it is. */
async function answers(): Promise<boolean> {
  try {
    const { status } = await fetch(addressOf('/api/session'), {
      signal: AbortSignal.timeout(ANSWERED_WITHIN_MS),
    })
    return status < 500
  } catch {
    return false
  }
}
