import {
  AppError,
  type ImageLinks,
  type LinkOutcome,
  type LinkRefusal,
  type LinkWaiting,
  orAborted,
  shuttingDown,
} from '@semblance/core'
import { type ByteAccount, ByteBudget } from './byte-budget.ts'
import { HostSlots, type HostSlotsLimits, tooManyLinks } from './host-slots.ts'
import { MAX_LINK_CHARS } from './link-rules.ts'
import { type Fetching, type LinkSource, refused } from './link-source.ts'

export interface LinksBySchemeDeps {
  /** The source of every link that begins with none of the schemes below. */
  readonly web: LinkSource
  /** Sources by scheme, in lower case and without the colon. */
  readonly others: Readonly<Record<string, LinkSource>>
  /** Time from the call to the last byte; waiting for a free place counts. */
  readonly timeoutMs: number
  readonly slots: HostSlotsLimits
  /** Bytes of all links that are being fetched, and of those not released yet. */
  readonly maxBytesInAll: number
  readonly observe: (outcome: 'fetched' | LinkRefusal) => void
}

/** Sends each link to the source for its scheme, so many at a time of all and of each host, each under one deadline. */
export class LinksByScheme implements ImageLinks {
  readonly #deps: LinksBySchemeDeps
  readonly #slots: HostSlots
  readonly #budget: ByteBudget
  readonly #closing = new AbortController()
  readonly #inFlight = new Set<Promise<LinkOutcome>>()

  constructor(deps: LinksBySchemeDeps) {
    this.#deps = deps
    this.#slots = new HostSlots(deps.slots)
    this.#budget = new ByteBudget(deps.maxBytesInAll)
  }

  async fetch(link: string, waiting: LinkWaiting = {}): Promise<LinkOutcome> {
    waiting.signal?.throwIfAborted()
    if (this.#closing.signal.aborted) throw shuttingDown()
    const running = this.#fetchInTime(link, waiting)
    this.#inFlight.add(running)
    try {
      const outcome = await running
      this.#deps.observe(outcome.outcome === 'fetched' ? 'fetched' : outcome.reason)
      return outcome
    } finally {
      this.#inFlight.delete(running)
    }
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await Promise.allSettled(this.#inFlight)
    await Promise.all([this.#deps.web, ...Object.values(this.#deps.others)].map((source) => source.close()))
  }

  async #fetchInTime(link: string, { signal: caller, timeoutMs }: LinkWaiting): Promise<LinkOutcome> {
    const deadline = new AbortController()
    const limitMs = Math.min(this.#deps.timeoutMs, timeoutMs ?? Number.POSITIVE_INFINITY)
    const timer = setTimeout(() => deadline.abort(), limitMs)
    const signals = [deadline.signal, this.#closing.signal, ...(caller === undefined ? [] : [caller])]
    const room = this.#budget.open()
    const calledAt = performance.now()
    let waitedMs: number | undefined
    try {
      if (link.length > MAX_LINK_CHARS) return refused('invalid-link')
      const fetching = { signal: AbortSignal.any(signals), room }
      const begin = () => {
        waitedMs = performance.now() - calledAt
        return this.#fetchFrom(this.#sourceOf(link), link, fetching)
      }
      const outcome = await this.#slots.run(hostOf(link), begin, fetching.signal)
      return withRoom(outcome, room)
    } catch (fault) {
      room.release()
      // What else went wrong is the target's affair: its error text may hold addresses and answers.
      if (fault instanceof AppError && fault.code === 'E_OVERLOADED') throw fault
      caller?.throwIfAborted()
      if (this.#closing.signal.aborted) throw shuttingDown()
      if (waitedMs === undefined) throw tooManyLinks()
      if (!deadline.signal.aborted) return refused('unreachable')
      // A host that got less than half of the time is not to blame.
      if (waitedMs > limitMs / 2) throw tooManyLinks()
      return refused('timeout')
    } finally {
      clearTimeout(timer)
    }
  }

  /** File systems and the SDKs' search for credentials may hang whatever their signal says; the web's source does not. */
  #fetchFrom(source: LinkSource, link: string, fetching: Fetching): Promise<LinkOutcome> {
    const fetched = source.fetch(link, fetching)
    return source === this.#deps.web ? fetched : orAborted(fetched, fetching.signal)
  }

  /**
   * The plain text decides: what only a lenient parser would take for another scheme is left to the web's own rules.
   */
  #sourceOf(link: string): LinkSource {
    const [, scheme = ''] = /^([a-z\d]+):\/\//i.exec(link) ?? []
    const { web, others } = this.#deps
    return Object.hasOwn(others, scheme.toLowerCase()) ? (others[scheme.toLowerCase()] ?? web) : web
  }
}

/** Whom a link makes wait: a host, whatever the port, a bucket, or the file system. */
function hostOf(link: string): string {
  const url = URL.parse(link)
  return url === null ? '' : url.hostname.toLowerCase()
}

/** What nobody gets keeps no room. */
function withRoom(outcome: LinkOutcome, room: ByteAccount): LinkOutcome {
  if (outcome.outcome === 'fetched') return { ...outcome, release: room.release }
  room.release()
  return outcome
}
