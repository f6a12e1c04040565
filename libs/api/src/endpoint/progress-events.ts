import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CallerSession, RequestContext } from './endpoint.ts'
import { noContent, type Reply, streamed } from './reply.ts'

const EVERY_MS = 1_000
/** Proxies close a connection on which nothing comes for a minute or less. */
const BEAT_EVERY = 15
/** Of a SHA-256: enough to tell two states of one thing apart. */
const ID_DIGITS = 16

/** How something long stands. */
export interface Standing {
  /** The whole of it, as GET answers it. */
  readonly view: object
  /** Of `view`, what is the same for as long as nothing has changed but the time. */
  readonly state: unknown
  readonly isEnd: boolean
}

/** Null: there is no such thing, or no longer. */
export type ReadStanding = () => Promise<Standing | null>

/** What the documentation says of every such call. */
export const EVENTS_DOCS =
  'Server-sent events named `progress`, whenever something changed, at most one a second. Each is the whole answer of GET, so that whoever comes back misses nothing. The id of an event stands for its state: with it as `Last-Event-ID` nothing is told twice, and 204 is answered once all is over. Under the cookie of a session the stream ends with the session, and every few minutes, so that the cookie is given anew: come back.'

/**
 * Progress while it is made, as server-sent events, until the end. Every process answers the same ids, so whoever is cut
 * off may come back through another. Null if there is nothing to follow.
 */
export async function followed(read: ReadStanding, context: RequestContext): Promise<Reply | null> {
  const standing = await read()
  if (standing === null) return null
  const { lastEventId } = context
  // It keeps an EventSource, which comes back by itself after each end of the stream, from doing so for ever.
  if (standing.isEnd && idOf(standing) === lastEventId) return noContent
  const events = eventsOf({ read, standing, lastEventId, session: context.session }, context.signal)
  return streamed('text/event-stream', events, { 'Cache-Control': 'no-store' })
}

interface Following {
  readonly read: ReadStanding
  readonly standing: Standing
  readonly lastEventId: string | null
  readonly session: CallerSession | null
}

/** Ends with the caller's session, too: whoever may still come back does, and is looked at anew. */
async function* eventsOf(
  { read, standing, lastEventId, session }: Following,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let told = lastEventId
  let current: Standing | null = standing
  for (let quiet = 0; current !== null; current = await read()) {
    const id = idOf(current)
    quiet = id === told ? quiet + 1 : 0
    if (quiet === 0) yield `event: progress\nid: ${id}\ndata: ${JSON.stringify(current.view)}\n\n`
    else if (quiet % BEAT_EVERY === 0) yield ': still here\n\n'
    told = id
    if (current.isEnd) return
    await sleep(EVERY_MS, undefined, { signal, ref: false })
    if (session !== null && !(await session.goesOn({ signal }))) return
  }
}

function idOf({ state }: Standing): string {
  return createHash('sha256').update(JSON.stringify(state)).digest('hex').slice(0, ID_DIGITS)
}
