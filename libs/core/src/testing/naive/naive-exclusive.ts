import type { Exclusive, Lease } from '../../ports/exclusive.ts'
import { orAborted } from '../../waiting.ts'

interface Turn {
  committed: string | null
  /** Resolves when the last one in line has ended. */
  last: Promise<void>
  /** Counts the holders; a lease of an earlier one is lost. */
  holder: number
}

/** A lease that outlives its holders, in memory, as a shared store would keep it: commits survive a failed task. */
export function createNaiveExclusive(): Exclusive {
  const turns = new Map<string, Turn>()
  return {
    run: async (key, task, waiting) => {
      const turn = turnAt(turns, key)
      const mine = Promise.withResolvers<void>()
      const ahead = turn.last
      turn.last = mine.promise
      try {
        waiting?.signal?.throwIfAborted()
        await orAborted(ahead, waiting?.signal)
      } catch (reason) {
        void ahead.then(mine.resolve)
        throw reason
      }
      try {
        return await task(beginLease(turn))
      } finally {
        turn.holder += 1
        mine.resolve()
      }
    },
  }
}

/**
 * Nobody waits: whoever comes takes the lease from its holder at once, as if that one had slept past its time. For
 * zombies: a holder that is paused, while the next one runs whole.
 */
export function createStealableExclusive(): Exclusive {
  const turns = new Map<string, Turn>()
  return {
    run: async (key, task, waiting) => {
      waiting?.signal?.throwIfAborted()
      return task(beginLease(turnAt(turns, key)))
    },
  }
}

function turnAt(turns: Map<string, Turn>, key: string): Turn {
  const turn = turns.get(key) ?? { committed: null, last: Promise.resolve(), holder: 0 }
  turns.set(key, turn)
  return turn
}

function beginLease(turn: Turn): Lease {
  turn.holder += 1
  const me = turn.holder
  return {
    get committed() {
      return turn.committed
    },
    lost: new AbortController().signal,
    commit: async (intent) => {
      if (turn.holder !== me) return false
      turn.committed = intent
      return true
    },
    settle: async () => {
      if (turn.holder === me) turn.committed = null
    },
  }
}
