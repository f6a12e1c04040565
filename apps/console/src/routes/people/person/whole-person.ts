import type { components } from '@semblance/client'

/** A person with the very text of the metadata, in which numbers have all their digits. */
export interface WholePerson extends Readonly<components['schemas']['Person']> {
  readonly metadataText: string
}
