import type { components } from '@semblance/client'

/** A person with the very text of the metadata, in which numbers have all their digits, and the tag of this state of it. */
export interface WholePerson extends Readonly<components['schemas']['Person']> {
  readonly metadataText: string
  /** For the precondition of a change; null where a server or a proxy told none. */
  readonly etag: string | null
}
