import { faultOfMetadata, metadataTerms } from '@semblance/core'
import type { FillPass } from './fill-pass.ts'

/** Gives persons that an older version wrote the terms of their metadata. Whoever changes metadata writes its terms along. */
export const metadataTermsPass: FillPass = {
  marker: 'metadataTerms',
  fields: ['metadata'],
  // One that cannot be read is passed over by every reader, too.
  fill: ({ _id, metadata }) =>
    metadata === '{}' || faultOfMetadata(metadata) !== null
      ? null
      : { updateOne: { filter: { _id, metadata }, update: { $set: { terms: metadataTerms(metadata) } } } },
}
