import { type LinkStream, type LinkStreams, orAborted, type Waiting } from '@semblance/core'
import { refusalOfFault } from './fault-refusal.ts'
import { type ImageLinksOptions, sourcesOf } from './image-links.ts'
import { MAX_LINK_CHARS } from './link-rules.ts'
import { type LinkRefused, type Opened, refused } from './link-source.ts'
import { resumedBytes } from './resumed-bytes.ts'

export type LinkStreamsOptions = Omit<
  ImageLinksOptions,
  'maxBytes' | 'slots' | 'maxBytesInAll' | 'observe'
> & {
  /** So long nothing may come while somebody wants it; 30,000 by default. */
  readonly stallMs?: number
  /** Before a connection that broke is made again for the first time; 1,000 by default. */
  readonly waitMs?: number
}

/** `timeoutMs` is for the opening alone, redirects included. A gzip is given as it is. */
export function createLinkStreams(options: LinkStreamsOptions): LinkStreams {
  // Pieces are held one at a time, so nothing is bounded here.
  const { web, others } = sourcesOf({ ...options, maxBytes: Number.POSITIVE_INFINITY })
  const { timeoutMs = 10_000, stallMs = 30_000, waitMs = 1_000 } = options
  const closing = new AbortController()
  const open = async (link: string, waiting: Waiting): Promise<LinkStream | LinkRefused> => {
    if (link.length > MAX_LINK_CHARS) return refused('invalid-link')
    const [, scheme = ''] = /^([a-z\d]+):\/\//i.exec(link) ?? []
    const source = others[scheme.toLowerCase()] ?? web
    const signal = AbortSignal.any([closing.signal, ...(waiting.signal ? [waiting.signal] : [])])
    const again = (from: number) =>
      inTime((opening) => source.open(link, { signal: opening, from }), { signal, timeoutMs })
    const opened = await again(0)
    if (opened.outcome === 'refused') return opened
    if (!['identity', 'gzip', 'x-gzip'].includes(opened.encoding)) {
      await opened.close()
      return refused('bad-status')
    }
    let isClosed = false
    const close = async () => {
      if (!isClosed) await opened.close()
      isClosed = true
    }
    const { version, contentType } = opened
    const bytes = resumedBytes({ ...opened, close }, { again, signal, stallMs, waitMs })
    return { outcome: 'opened', bytes, version, contentType, close }
  }
  return {
    open,
    close: async () => {
      closing.abort(new Error('closing'))
      await Promise.all([web, ...Object.values(others)].map((source) => source.close()))
    },
  }
}

/** Rejects with the reason of `signal` only. What was opened is bound to `signal`, and not to the time. */
async function inTime(
  open: (signal: AbortSignal) => Promise<Opened>,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Opened> {
  signal.throwIfAborted()
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('too late')), timeoutMs)
  const either = AbortSignal.any([signal, late.signal])
  try {
    // File systems and the SDKs' search for credentials may hang whatever their signal says.
    return await orAborted(open(either), either)
  } catch (fault) {
    signal.throwIfAborted()
    return refused(late.signal.aborted ? 'timeout' : refusalOfFault(fault))
  } finally {
    clearTimeout(timer)
  }
}
