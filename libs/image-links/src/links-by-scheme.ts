import {
  type ImageLinks,
  type LinkOutcome,
  type LinkRefusal,
  shuttingDown,
  type Waiting,
} from '@semblance/core'
import { MAX_LINK_CHARS } from './link-rules.ts'
import { type LinkSource, refused } from './link-source.ts'
import { Slots } from './slots.ts'
import { unlessAborted } from './unless-aborted.ts'

export interface LinksBySchemeDeps {
  /** For every link that begins with none of the schemes below. */
  readonly web: LinkSource
  /** By scheme, in lower case and without the colon. */
  readonly others: Readonly<Record<string, LinkSource>>
  /** From the call to the last byte, waiting for a free place included. */
  readonly timeoutMs: number
  readonly maxConnections: number
  readonly observe: (outcome: 'fetched' | LinkRefusal) => void
}

/** Sends each link to the source for its scheme, so many at a time, each under one deadline. */
export class LinksByScheme implements ImageLinks {
  readonly #deps: LinksBySchemeDeps
  readonly #slots: Slots
  readonly #closing = new AbortController()
  readonly #inFlight = new Set<Promise<LinkOutcome>>()

  constructor(deps: LinksBySchemeDeps) {
    this.#deps = deps
    this.#slots = new Slots(deps.maxConnections)
  }

  async fetch(link: string, waiting: Waiting = {}): Promise<LinkOutcome> {
    waiting.signal?.throwIfAborted()
    if (this.#closing.signal.aborted) throw shuttingDown()
    const running = this.#fetchInTime(link, waiting.signal)
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

  async #fetchInTime(link: string, caller: AbortSignal | undefined): Promise<LinkOutcome> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), this.#deps.timeoutMs)
    const signals = [deadline.signal, this.#closing.signal, ...(caller === undefined ? [] : [caller])]
    const signal = AbortSignal.any(signals)
    try {
      if (link.length > MAX_LINK_CHARS) return refused('invalid-link')
      const source = this.#sourceOf(link)
      return await this.#slots.run(() => this.#fetchFrom(source, link, signal), signal)
    } catch {
      // What went wrong is the target's affair: its error text may hold addresses and answers.
      caller?.throwIfAborted()
      if (this.#closing.signal.aborted) throw shuttingDown()
      return refused(deadline.signal.aborted ? 'timeout' : 'unreachable')
    } finally {
      clearTimeout(timer)
    }
  }

  /** File systems and the SDKs' search for credentials may hang whatever their signal says; the web's source does not. */
  #fetchFrom(source: LinkSource, link: string, signal: AbortSignal): Promise<LinkOutcome> {
    const fetching = () => source.fetch(link, signal)
    return source === this.#deps.web ? fetching() : unlessAborted(fetching, signal)
  }

  /** By the plain text: what only a lenient parser would take for another scheme is left to the web's own rules. */
  #sourceOf(link: string): LinkSource {
    const [, scheme = ''] = /^([a-z\d]+):\/\//i.exec(link) ?? []
    const { web, others } = this.#deps
    return Object.hasOwn(others, scheme.toLowerCase()) ? (others[scheme.toLowerCase()] ?? web) : web
  }
}
