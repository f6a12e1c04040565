import type { LinkRefusal } from './image-links.ts'
import type { Waiting } from './waiting.ts'

export type ObjectsOutcome =
  | {
      readonly outcome: 'listed'
      /** By the order of the service, which is that of the bytes of keys. */
      readonly keys: readonly string[]
      /** No key comes after these. */
      readonly isEnd: boolean
    }
  | { readonly outcome: 'refused'; readonly reason: LinkRefusal }

export interface ObjectQuery {
  /** `s3://bucket/prefix/` or `gs://bucket/prefix/`; a bucket alone ends with `/`, too. */
  readonly prefix: string
  /** The whole key after which the answer begins; null: at the first. */
  readonly after: string | null
  /** From 1 to 1,000. */
  readonly limit: number
}

/**
 * The keys of objects in the buckets that links may read. What the service does wrong is a refusal; it throws only what its
 * `signal` says.
 */
export interface ObjectListing {
  list(query: ObjectQuery, waiting?: Waiting): Promise<ObjectsOutcome>
  close(): Promise<void>
}
