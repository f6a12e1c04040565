import { isIP } from 'node:net'
import {
  type ImageLinks,
  type LinkOutcome,
  type LinkRefusal,
  shuttingDown,
  type Waiting,
} from '@semblance/core'
import type { AllowList } from './allow-list.ts'
import type { Dial } from './dial.ts'
import { checkLink, checkRedirect, type LinkTarget } from './link-rules.ts'
import type { LookupHost } from './lookup-host.ts'
import { isPublicAddress } from './public-address.ts'
import { requestOnce } from './request-once.ts'
import { Slots } from './slots.ts'

export interface HttpImageLinksDeps {
  readonly maxBytes: number
  /** From the call to the last byte, waiting for a free connection and all redirects included. */
  readonly timeoutMs: number
  readonly maxRedirects: number
  readonly maxConnections: number
  readonly allowList: AllowList
  readonly lookup: LookupHost
  readonly lookupAllowListed: LookupHost
  readonly dial: Dial
  readonly observe: (outcome: 'fetched' | LinkRefusal) => void
}

/** http and https only; see the README for the rules. */
export class HttpImageLinks implements ImageLinks {
  readonly #deps: HttpImageLinksDeps
  readonly #slots: Slots
  readonly #closing = new AbortController()
  readonly #inFlight = new Set<Promise<LinkOutcome>>()

  constructor(deps: HttpImageLinksDeps) {
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
  }

  async #fetchInTime(link: string, caller: AbortSignal | undefined): Promise<LinkOutcome> {
    const deadline = new AbortController()
    const timer = setTimeout(() => deadline.abort(), this.#deps.timeoutMs)
    const signals = [deadline.signal, this.#closing.signal, ...(caller === undefined ? [] : [caller])]
    const signal = AbortSignal.any(signals)
    try {
      return await this.#slots.run(() => this.#follow(link, signal), signal)
    } catch {
      // What went wrong is the target's affair: its error text may hold addresses and answers.
      caller?.throwIfAborted()
      if (this.#closing.signal.aborted) throw shuttingDown()
      return refused(deadline.signal.aborted ? 'timeout' : 'unreachable')
    } finally {
      clearTimeout(timer)
    }
  }

  async #follow(link: string, signal: AbortSignal): Promise<LinkOutcome> {
    const { allowList, maxBytes, maxRedirects, dial } = this.#deps
    let check = checkLink(link, allowList)
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const { target, refusal } = check
      if (target === undefined) return refused(refusal)
      const addresses = await this.#vettedAddresses(target, signal)
      if (addresses.length === 0) return refused('address-not-allowed')
      const answer = await requestOnce({ target, addresses, maxBytes, dial }, signal)
      if ('bytes' in answer) return { outcome: 'fetched', bytes: answer.bytes }
      if ('refusal' in answer) return refused(answer.refusal)
      check = checkRedirect(target, answer.location, allowList)
    }
    return refused('too-many-redirects')
  }

  /** Rejects if the host has no address at all; empty if it has none that may be connected to. */
  async #vettedAddresses(target: LinkTarget, signal: AbortSignal): Promise<readonly string[]> {
    const { lookup, lookupAllowListed } = this.#deps
    const ask = target.isAllowListed ? lookupAllowListed : lookup
    const isLiteral = isIP(target.host) !== 0
    const found = isLiteral ? [target.host] : await unlessAborted(() => ask(target.host, { signal }), signal)
    if (found.length === 0) throw new Error('host without address')
    return target.isAllowListed ? found : found.filter(isPublicAddress)
  }
}

function refused(reason: LinkRefusal): LinkOutcome {
  return { outcome: 'refused', reason }
}

/** A look-up that does not listen to its signal must not hold the caller. */
async function unlessAborted<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let giveUp = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(signal.reason)
  })
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([task(), aborted])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
