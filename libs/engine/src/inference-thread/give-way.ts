import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/** Steps of `nice` beyond those of the process. Ours, measured: with 10, searches beside an import are no faster than with 5. */
export const NICER_BY = 5
const NICEST = 19

/**
 * Whatever takes a fraction of a millisecond goes before the networks of this thread on a busy machine: the event loop, the threads
 * of stores, the servers beside it. A search has a dozen such steps, and each would else wait for its share of a core. Only Linux
 * has priorities of threads. Where the system refuses it, as a sandbox may, or /proc tells no id, the thread runs as it would without.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return
  try {
    const threadId = Number(readlinkSync('/proc/thread-self').split('/').at(-1))
    setPriority(threadId, Math.min(NICEST, getPriority(threadId) + NICER_BY))
  } catch {
    // Searches wait a little longer beside an import. Nothing else hangs on it.
  }
}
