import { AsyncLocalStorage } from 'node:async_hooks'
import type { Waiting } from './ports/waiting.ts'

/** Work that is done after its caller was answered. */
export interface BackgroundWork {
  /**
   * Resolves once the caller may be answered: at once, unless so much work waits that this caller's is done before.
   * The work must not reject, and ends soon after its signal aborts.
   */
  begin(work: (waiting: Waiting) => Promise<void>): Promise<void>
  /** Waits for what was begun, for `drainMs` at most; then aborts it. Resolves when nothing is at work any more. */
  stop(options: { readonly drainMs: number }): Promise<void>
}

/** Pieces of work side by side: each waits for the stores most of its time. */
const AT_ONCE = 4
/** Pieces that may wait, each a few hundred bytes. */
const MOST_WAITING = 1_000

/**
 * Callers who bring more than can be done wait for their own work, so that they slow down and memory stays bounded.
 */
export function createBackgroundWork(): BackgroundWork {
  const waiting: (() => Promise<void>)[] = []
  const stopping = new AbortController()
  const { signal } = stopping
  const atWork = new Set<Promise<void>>()
  // A lane does the work of many callers: what goes wrong in it must not be laid to the one whose call opened it.
  const outsideOfAnyCall = AsyncLocalStorage.snapshot()

  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await next()
  }
  const openLane = () => {
    const running = outsideOfAnyCall(lane).finally(() => atWork.delete(running))
    atWork.add(running)
  }
  return {
    begin: async (work) => {
      if (signal.aborted || waiting.length >= MOST_WAITING) return work({ signal })
      waiting.push(() => work({ signal }))
      if (atWork.size < AT_ONCE) openLane()
    },
    stop: async ({ drainMs }) => {
      const deadline = setTimeout(() => stopping.abort(new Error('the process is stopping')), drainMs)
      await Promise.all(atWork)
      clearTimeout(deadline)
      stopping.abort(new Error('the process is stopping'))
    },
  }
}
