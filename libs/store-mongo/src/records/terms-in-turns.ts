import { setImmediate } from 'node:timers/promises'
import { metadataTerms, Slots, type Waiting } from '@semblance/core'

/** The terms of so much metadata take a millisecond at most. */
const SHORT_METADATA_LENGTH = 4_096

/** Of the process, since it has one event loop. */
const turns = new Slots(1)

/**
 * `metadataTerms`, which takes up to 20 ms for 64 KB of metadata: long ones have a turn of the event loop each, since
 * many writes may go on in one turn, when MongoDB has answered them together.
 */
export async function termsInTurns(metadata: string, waiting?: Waiting): Promise<readonly string[]> {
  if (metadata.length <= SHORT_METADATA_LENGTH) return metadataTerms(metadata)
  const inNextTurn = async () => {
    await setImmediate()
    return metadataTerms(metadata)
  }
  return turns.run(inNextTurn, waiting)
}
