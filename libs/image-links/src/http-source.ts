import { isIP } from 'node:net'
import { type LinkOutcome, orAborted } from '@semblance/core'
import type { AllowList } from './allow-list.ts'
import type { Dial } from './dial.ts'
import { UnknownHost } from './fault-refusal.ts'
import { checkLink, checkRedirect, type LinkTarget } from './link-rules.ts'
import {
  type Fetching,
  fetchWhole,
  type LinkSource,
  type Opened,
  type Opening,
  refused,
  type StreamSource,
} from './link-source.ts'
import type { LookupHost } from './lookup-host.ts'
import { isPublicAddress } from './public-address.ts'
import { requestOnce } from './request-once.ts'

export interface HttpSourceDeps {
  readonly maxBytes: number
  readonly maxRedirects: number
  readonly allowList: AllowList
  readonly lookup: LookupHost
  readonly lookupAllowListed: LookupHost
  readonly dial: Dial
}

const PICTURES = 'image/*, */*;q=0.1'
const ANYTHING = '*/*'

/** http and https; see the README for the rules. */
export class HttpSource implements LinkSource, StreamSource {
  readonly #deps: HttpSourceDeps

  constructor(deps: HttpSourceDeps) {
    this.#deps = deps
  }

  fetch(link: string, { signal, room }: Fetching): Promise<LinkOutcome> {
    const { maxBytes } = this.#deps
    return fetchWhole(this.#open(link, { signal, accept: PICTURES }), { maxBytes, room })
  }

  open(link: string, opening: Opening): Promise<Opened> {
    return this.#open(link, { ...opening, accept: ANYTHING })
  }

  async close(): Promise<void> {
    // Every connection ends with its own request.
  }

  async #open(
    link: string,
    { signal, from = 0, accept }: Opening & { readonly accept: string },
  ): Promise<Opened> {
    const { allowList, maxRedirects, dial } = this.#deps
    let check = checkLink(link, allowList)
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const { target, refusal } = check
      if (target === undefined) return refused(refusal)
      const addresses = await this.#vettedAddresses(target, signal)
      if (addresses.length === 0) return refused('address-not-allowed')
      const answer = await requestOnce({ target, addresses, dial, from, accept }, signal)
      if ('opened' in answer) return answer.opened
      check = checkRedirect(target, answer.location, allowList)
    }
    return refused('too-many-redirects')
  }

  /** Rejects with `UnknownHost` if the host has no address at all; empty if it has none that may be connected to. */
  async #vettedAddresses(target: LinkTarget, signal: AbortSignal): Promise<readonly string[]> {
    const { lookup, lookupAllowListed } = this.#deps
    const ask = target.isAllowListed ? lookupAllowListed : lookup
    const isLiteral = isIP(target.host) !== 0
    const found = isLiteral ? [target.host] : await orAborted(ask(target.host, { signal }), signal)
    if (found.length === 0) throw new UnknownHost()
    return target.isAllowListed ? found : found.filter(isPublicAddress)
  }
}
