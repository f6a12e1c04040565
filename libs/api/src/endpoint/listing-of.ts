import type { Listing } from '@semblance/core'
import type { RequestContext } from './endpoint.ts'
import { COUNTED_FROM_BYTES } from './send-reply.ts'

/** For a list that is the answer: room for it is asked for while it is read, so that 503 comes before it is in memory. */
export function listingOf({ signal, reserveAnswer }: RequestContext): Listing {
  const onBytes = (bytes: number) => {
    if (bytes >= COUNTED_FROM_BYTES) reserveAnswer(bytes)
  }
  return { signal, onBytes }
}
