import type { ImageLinks, LinkRefusal } from '@semblance/core'
import { readAllowList } from './allow-list.ts'
import { dialPinned } from './dial.ts'
import { FileSource, readRoots } from './file-source.ts'
import type { HostSlotsLimits } from './host-slots.ts'
import { HttpSource } from './http-source.ts'
import type { LinkSource, StreamSource } from './link-source.ts'
import { LinksByScheme } from './links-by-scheme.ts'
import { dnsLookup, type LookupHost, lookupBySystem } from './lookup-host.ts'
import { readBuckets } from './object-link.ts'
import { createTellFault, type TellFault } from './tell-fault.ts'

export interface ImageLinksOptions {
  /** The largest picture, counted in bytes as received, whatever the target announces. */
  readonly maxBytes: number
  /** Time from the call to the last byte; redirects count. 10,000 by default, as the contract says. */
  readonly timeoutMs?: number
  /** Hops after the first request; 3 by default. */
  readonly maxRedirects?: number
  /** Links fetched at once, and how many wait: of all hosts and of each. The next one is E_OVERLOADED. */
  readonly slots?: HostSlotsLimits
  /**
   * Bytes of all links that are being fetched, and of those not released yet. 128,000,000 by default, or twice
   * `maxBytes`.
   */
  readonly maxBytesInAll?: number
  /**
   * Hosts whose addresses are not checked: `host` (ports 80 and 443) or `host:port`. Without one, only public addresses
   * on ports 80 and 443 are reached. A TypeError for an entry that is neither.
   */
  readonly allowedHosts?: readonly string[]
  /** Folders below which `file://` links may read; none by default, and the scheme is unknown then. */
  readonly fileRoots?: readonly string[]
  /** Buckets that `s3://` links may read; left out or without a bucket, the scheme is unknown. */
  readonly s3?: BucketOptions & { readonly region: string }
  /** Buckets that `gs://` links may read; left out or without a bucket, the scheme is unknown. */
  readonly gs?: BucketOptions
  /** This stands in place of DNS. It is asked once a hop, and what it answers is checked like any answer. */
  readonly lookup?: LookupHost
  /** This is told how each fetch ended, for a metric, and must not throw. */
  readonly observe?: (outcome: 'fetched' | LinkRefusal) => void
  /**
   * This is told once a kind what keeps s3 or gs links from working: a code of the service, never a link, key or
   * credential.
   */
  readonly onFault?: (message: string) => void
}

export interface BucketOptions {
  readonly buckets: readonly string[]
  /** URL of a server other than the provider's own. */
  readonly endpoint?: string | undefined
}

const MAX_BYTES_IN_ALL = 128_000_000
/** A stranger's host may hold a quarter of the connections for as long as a link may take, and no more of the line. */
const SLOTS: HostSlotsLimits = { all: 64, perHost: 16, waiting: 192, waitingPerHost: 48 }

/**
 * Fetches pictures that strangers point at. A fetch cut short by `close()`, or begun after it, rejects with
 * E_SHUTTING_DOWN.
 */
export function createImageLinks(options: ImageLinksOptions): ImageLinks {
  const { maxBytes } = options
  return new LinksByScheme({
    ...sourcesOf(options),
    timeoutMs: options.timeoutMs ?? 10_000,
    slots: options.slots ?? SLOTS,
    maxBytesInAll: options.maxBytesInAll ?? Math.max(MAX_BYTES_IN_ALL, 2 * maxBytes),
    observe: options.observe ?? (() => undefined),
  })
}

type AnySource = LinkSource & StreamSource

/** Where links lead to: the web, and by scheme all else that is switched on. */
export function sourcesOf(options: ImageLinksOptions): {
  readonly web: AnySource
  readonly others: Readonly<Record<string, AnySource>>
} {
  const web = new HttpSource({
    maxBytes: options.maxBytes,
    maxRedirects: options.maxRedirects ?? 3,
    allowList: readAllowList(options.allowedHosts ?? []),
    lookup: options.lookup ?? dnsLookup(),
    lookupAllowListed: options.lookup ?? lookupBySystem,
    dial: dialPinned,
  })
  return { web, others: otherSources(options) }
}

function otherSources(options: ImageLinksOptions): Readonly<Record<string, AnySource>> {
  const { maxBytes, s3, gs } = options
  const tellFault = createTellFault(options.onFault ?? (() => undefined))
  const roots = readRoots(options.fileRoots ?? [])
  const s3Buckets = readBuckets(s3?.buckets ?? [])
  const gsBuckets = readBuckets(gs?.buckets ?? [])
  return {
    ...(roots.length > 0 && { file: new FileSource({ roots, maxBytes }) }),
    ...(s3 !== undefined &&
      s3Buckets.size > 0 && {
        s3: onFirstUse(() => openS3({ ...s3, buckets: s3Buckets, maxBytes, tellFault })),
      }),
    ...(gs !== undefined &&
      gsBuckets.size > 0 && {
        gs: onFirstUse(() => openGcs({ ...gs, buckets: gsBuckets, maxBytes, tellFault })),
      }),
  }
}

interface BucketSource {
  readonly buckets: ReadonlySet<string>
  readonly endpoint?: string | undefined
  readonly maxBytes: number
  readonly tellFault: TellFault
}

async function openS3(source: BucketSource & { readonly region: string }): Promise<AnySource> {
  const { S3Source } = await import('./s3-source.ts')
  return new S3Source({ ...source, endpoint: source.endpoint })
}

async function openGcs(source: BucketSource): Promise<AnySource> {
  const { authorizeGcs, GcsSource } = await import('./gcs-source.ts')
  return new GcsSource({ ...source, endpoint: source.endpoint, authorize: authorizeGcs(source.endpoint) })
}

/** The SDKs cost start-up time and memory that only those should pay who use them. */
function onFirstUse(openSource: () => Promise<AnySource>): AnySource {
  let opening: Promise<AnySource> | null = null
  const source = () => {
    opening ??= openSource()
    return opening
  }
  return {
    fetch: async (link, fetching) => (await source()).fetch(link, fetching),
    open: async (link, given) => (await source()).open(link, given),
    close: async () => (await opening)?.close(),
  }
}
