import type { LinkRefusal, ObjectListing, ObjectQuery, ObjectsOutcome, Waiting } from '@semblance/core'
import { orAborted } from '@semblance/core'
import type { ImageLinksOptions } from './image-links.ts'
import { readBuckets, readPrefixLink } from './object-link.ts'
import { createTellFault } from './tell-fault.ts'

export type ObjectListingOptions = Pick<ImageLinksOptions, 's3' | 'gs' | 'onFault'> & {
  /** For one answer; 10,000 by default. */
  readonly timeoutMs?: number
}

/** The keys of one bucket that begin with `prefix`. It may throw: that is `unreachable`, or `timeout`. */
export interface BucketListing {
  list(
    query: {
      readonly bucket: string
      readonly prefix: string
      readonly after: string | null
      readonly limit: number
    },
    signal: AbortSignal,
  ): Promise<ObjectsOutcome>
  close(): void
}

interface Kind {
  readonly buckets: ReadonlySet<string>
  readonly open: () => Promise<BucketListing>
}

/** Lists objects of the buckets that links may read, by the rules of links. */
export function createObjectListing(options: ObjectListingOptions): ObjectListing {
  const kinds = kindsOf(options)
  const opened = new Map<string, Promise<BucketListing>>()
  const timeoutMs = options.timeoutMs ?? 10_000
  return {
    list: async ({ prefix: link, after, limit }: ObjectQuery, waiting?: Waiting) => {
      const scheme = /^([a-z\d]+):\/\//i.exec(link)?.[1]?.toLowerCase() ?? ''
      const kind = kinds.get(scheme)
      if (kind === undefined) return refused('unsupported-scheme')
      const place = readPrefixLink(link)
      if (place === null) return refused('invalid-link')
      if (!kind.buckets.has(place.bucket)) return refused('address-not-allowed')
      const deadline = AbortSignal.timeout(timeoutMs)
      const signal = waiting?.signal ? AbortSignal.any([deadline, waiting.signal]) : deadline
      const opening = opened.get(scheme) ?? kind.open()
      opened.set(scheme, opening)
      try {
        // The SDKs' search for credentials may hang whatever their signal says.
        return await orAborted((await opening).list({ ...place, after, limit }, signal), signal)
      } catch {
        waiting?.signal?.throwIfAborted()
        return refused(deadline.aborted ? 'timeout' : 'unreachable')
      }
    },
    close: async () => {
      for (const opening of opened.values()) (await opening).close()
    },
  }
}

function refused(reason: LinkRefusal): ObjectsOutcome {
  return { outcome: 'refused', reason }
}

/** Each SDK is loaded on the first use of its scheme: it costs start-up time and memory. */
function kindsOf({ s3, gs, onFault }: ObjectListingOptions): ReadonlyMap<string, Kind> {
  const tellFault = createTellFault(onFault ?? (() => undefined))
  const kinds = new Map<string, Kind>()
  if (s3 !== undefined && s3.buckets.length > 0) {
    const open = async () => {
      const { S3Listing } = await import('./s3-listing.ts')
      return new S3Listing({ region: s3.region, endpoint: s3.endpoint, tellFault })
    }
    kinds.set('s3', { buckets: readBuckets(s3.buckets), open })
  }
  if (gs !== undefined && gs.buckets.length > 0) {
    const open = async () => {
      const [{ authorizeGcs }, { GcsListing }] = await Promise.all([
        import('./gcs-source.ts'),
        import('./gcs-listing.ts'),
      ])
      return new GcsListing({ endpoint: gs.endpoint, authorize: authorizeGcs(gs.endpoint), tellFault })
    }
    kinds.set('gs', { buckets: readBuckets(gs.buckets), open })
  }
  return kinds
}
