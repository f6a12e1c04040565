import { longTurns, metadataTerms } from '@semblance/core'

/** The terms of so much metadata take a millisecond at most. */
const SHORT_METADATA_LENGTH = 4_096

/**
 * `metadataTerms`, which takes up to 20 ms for 64 KB of metadata: long ones have a turn of the event loop each, since
 * many writes may go on in one turn, when MongoDB has answered them together.
 */
export async function termsInTurns(metadata: string): Promise<readonly string[]> {
  if (metadata.length > SHORT_METADATA_LENGTH) await longTurns.next()
  return metadataTerms(metadata)
}
