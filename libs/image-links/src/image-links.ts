import type { ImageLinks, LinkRefusal } from '@semblance/core'
import { readAllowList } from './allow-list.ts'
import { dialPinned } from './dial.ts'
import { HttpImageLinks } from './http-image-links.ts'
import { dnsLookup, type LookupHost, lookupBySystem } from './lookup-host.ts'

export interface ImageLinksOptions {
  /** Largest picture; counted in bytes as received, whatever the target announces. */
  readonly maxBytes: number
  /** From the call to the last byte, all redirects included. 10,000 by default, as the contract says. */
  readonly timeoutMs?: number
  /** Hops after the first request; 3 by default. */
  readonly maxRedirects?: number
  /** Links fetched at once; the others wait, and their deadline runs. 16 by default. */
  readonly maxConnections?: number
  /**
   * Hosts whose addresses are not checked: `host` (ports 80 and 443) or `host:port`. Without one, only public addresses
   * on ports 80 and 443 are reached. A TypeError for an entry that is neither.
   */
  readonly allowedHosts?: readonly string[]
  /** In place of DNS; asked once per hop, and what it answers is checked like any answer. */
  readonly lookup?: LookupHost
  /** Told how each fetch ended, for a metric; must not throw. */
  readonly observe?: (outcome: 'fetched' | LinkRefusal) => void
}

/**
 * Fetches pictures that strangers point at, over http and https. A fetch cut short by `close()`, or begun after it,
 * rejects with E_SHUTTING_DOWN.
 */
export function createImageLinks(options: ImageLinksOptions): ImageLinks {
  return new HttpImageLinks({
    maxBytes: options.maxBytes,
    timeoutMs: options.timeoutMs ?? 10_000,
    maxRedirects: options.maxRedirects ?? 3,
    maxConnections: options.maxConnections ?? 16,
    allowList: readAllowList(options.allowedHosts ?? []),
    lookup: options.lookup ?? dnsLookup(),
    lookupAllowListed: options.lookup ?? lookupBySystem,
    dial: dialPinned,
    observe: options.observe ?? (() => undefined),
  })
}
