import { setTimeout as sleep } from 'node:timers/promises'
import type { GalleryPorts } from './gallery-ports.ts'

/** The pause between two tries to get the lease while its store is away. It doubles each time. */
const FIRST_RETRY_MS = 1_000
/** What a leader that died has left is to go on within 30 s, of which the lease itself takes half. */
const LONGEST_RETRY_MS = 5_000
/** Whoever waited for so long met one fault among many looks: a store that is slow, and not away. */
const WAITED_WELL_MS = 15_000

export interface Leadership {
  /** Of the lease under which one process of the installation does this. */
  readonly key: string
  /** What a fault of the lease's own store is reported as. */
  readonly what: string
  /** Goes on until its signal aborts, and resolves then. */
  readonly work: (signal: AbortSignal) => Promise<void>
  /** First of the growing waits after a fault; 1000 by default. */
  readonly retryMs?: number | undefined
}

/**
 * Does the work for as long as this process leads, so that others only wait for the lease. It is left when it is lost, and
 * asked for again. Resolves once the signal has aborted and the work has ended.
 */
async function lead(
  gallery: Pick<GalleryPorts, 'exclusive' | 'onDeferred' | 'clock'>,
  { key, what, work, retryMs: firstMs = FIRST_RETRY_MS }: Leadership,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = firstMs
  while (!signal.aborted) {
    const since = gallery.clock.monotonic()
    try {
      await gallery.exclusive.run(
        key,
        (lease) => {
          retryMs = firstMs
          return work(AbortSignal.any([signal, lease.lost]))
        },
        { signal },
      )
      // Lost: whoever took it is at work now, and a lease that is lost at once again must not make us spin.
      await pause(firstMs, signal)
    } catch (fault) {
      if (signal.aborted) return
      gallery.onDeferred(what, fault)
      if (gallery.clock.monotonic() - since > WAITED_WELL_MS) retryMs = firstMs
      await pause(retryMs, signal)
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2)
    }
  }
}

/** Leads from now on; `stop` waits until the work has ended, and gives the lease to the next one. */
export function startLeading(
  gallery: Pick<GalleryPorts, 'exclusive' | 'onDeferred' | 'clock'>,
  leadership: Leadership,
): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const ended = lead(gallery, leadership, stopping.signal)
  return {
    stop: async () => {
      stopping.abort(new Error(`told to stop: ${leadership.what}`))
      await ended
    },
  }
}

/** Waits, but not after the signal has aborted, and does not keep the process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch((fault) => {
    if (!signal.aborted) throw fault
  })
}
