import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Steps of `nice` beyond those of the process. Ours, measured: with 10, searches beside an import are no faster than with 5. */
export const NICER_BY = 5
const NICEST = 19

/**
 * Whatever takes a fraction of a millisecond goes before the networks of this thread on a busy machine: the event loop, the threads
 * of stores, the servers beside it. A search has a dozen such steps, and each would else wait for its share of a core. Only Linux
 * has priorities of threads. The thread runs as before where its id cannot be found out.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return
  const threadId = threadIdOfLinux()
  if (threadId !== null) setPriority(threadId, Math.min(NICEST, getPriority(threadId) + NICER_BY))
}

/** Null where /proc is not mounted. */
function threadIdOfLinux(): number | null {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1))
  } catch {
    return null
  }
}
