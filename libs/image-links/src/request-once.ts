import type { LinkRefusal } from '@semblance/core'
import { Client, type Dispatcher } from 'undici'
import type { ByteAccount } from './byte-budget.ts'
import { type Dial, guardedConnector, PeerNotAllowed } from './dial.ts'
import type { LinkTarget } from './link-rules.ts'
import { readLink } from './read-link.ts'

export type Answer =
  | { readonly bytes: Uint8Array }
  | { readonly location: string }
  | { readonly refusal: LinkRefusal }

export interface RequestPlan {
  readonly target: LinkTarget
  /** Checked already; the only ones that may be connected to. */
  readonly addresses: readonly string[]
  readonly maxBytes: number
  readonly room: ByteAccount
  readonly dial: Dial
}

/** All that a target learns of us; `identity` since a compressed answer is refused unread. */
const HEADERS = {
  'user-agent': 'semblance-image-links',
  accept: 'image/*, */*;q=0.1',
  'accept-encoding': 'identity',
} as const

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308]
const MAX_HEADER_BYTES = 16_384

/** One GET over a connection of its own, closed when this settles. Rejects if the target cannot be spoken to. */
export async function requestOnce(plan: RequestPlan, signal: AbortSignal): Promise<Answer> {
  const { target, addresses, dial } = plan
  const client = new Client(target.url.origin, {
    connect: guardedConnector(() => dial(target, addresses), target, signal),
    // undici's way to say "connection: close": nothing of one link's connection is left for the next.
    pipelining: 0,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  try {
    const path = target.url.pathname + target.url.search
    const response = await client.request({ method: 'GET', path, headers: HEADERS, signal })
    // Most answers are dropped half read; the error that this brings is of no interest.
    response.body.on('error', () => undefined)
    return await readAnswer(response, plan)
  } catch (fault) {
    if (fault instanceof PeerNotAllowed) return { refusal: 'address-not-allowed' }
    throw fault
  } finally {
    await client.destroy()
  }
}

async function readAnswer(
  response: Dispatcher.ResponseData,
  limits: Pick<RequestPlan, 'maxBytes' | 'room'>,
): Promise<Answer> {
  const { statusCode, headers } = response
  const { location } = headers
  if (REDIRECTS.includes(statusCode) && typeof location === 'string') return { location }
  if (statusCode !== 200 || isEncoded(headers['content-encoding'])) return { refusal: 'bad-status' }
  if (Number(headers['content-length'] ?? 0) > limits.maxBytes) return { refusal: 'too-large' }
  const bytes = await readLink(response.body, limits)
  return bytes === null ? { refusal: 'too-large' } : { bytes }
}

function isEncoded(encoding: string | string[] | undefined): boolean {
  return encoding !== undefined && String(encoding).trim().toLowerCase() !== 'identity'
}
