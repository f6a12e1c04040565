import { Client } from 'undici'
import { type Dial, guardedConnector, PeerNotAllowed } from './dial.ts'
import type { LinkTarget } from './link-rules.ts'
import { type Opened, refused } from './link-source.ts'
import { openedByHttp } from './opened-by-http.ts'

export type Answer = { readonly opened: Opened } | { readonly location: string }

export interface RequestPlan {
  readonly target: LinkTarget
  /** Checked already; the only ones that may be connected to. */
  readonly addresses: readonly string[]
  readonly dial: Dial
  /** The first byte that is wanted. */
  readonly from: number
  readonly accept: string
}

/** All that a target learns of us; `identity` since a compressed answer is refused unread. */
const HEADERS = {
  'user-agent': 'semblance-image-links',
  'accept-encoding': 'identity',
} as const

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
const MAX_HEADER_BYTES = 16_384

/**
 * One GET over a connection of its own, which ends when what it opened is closed, and at once if it opened nothing. Rejects
 * if the target cannot be spoken to.
 */
export async function requestOnce(plan: RequestPlan, signal: AbortSignal): Promise<Answer> {
  const { target, addresses, dial, from, accept } = plan
  const client = new Client(target.url.origin, {
    connect: guardedConnector(() => dial(target, addresses), target, signal),
    // undici's way to say "connection: close": nothing of one link's connection is left for the next.
    pipelining: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  let answer: Answer | null = null
  try {
    const path = target.url.pathname + target.url.search
    const headers = { ...HEADERS, accept, ...(from > 0 && { range: `bytes=${from}-` }) }
    const response = await client.request({ method: 'GET', path, headers, signal })
    // Most answers are dropped half read; the error that this brings is of no interest.
    response.body.on('error', () => undefined)
    const { location } = response.headers
    const isRedirect = REDIRECTS.includes(response.statusCode) && typeof location === 'string'
    answer = isRedirect
      ? { location }
      : { opened: openedByHttp(response, { from, close: () => client.destroy() }) }
    return answer
  } catch (fault) {
    if (fault instanceof PeerNotAllowed) return { opened: refused('address-not-allowed') }
    throw fault
  } finally {
    const isOpen = answer !== null && 'opened' in answer && answer.opened.outcome === 'opened'
    if (!isOpen) await client.destroy()
  }
}
