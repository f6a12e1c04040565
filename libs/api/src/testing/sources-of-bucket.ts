import type { Clock, ObjectListing } from '@semblance/core'
import { createSourceReader } from '../imports/source-reader.ts'
import { noStreams } from './link-streams-of.ts'

/** A bucket with the same objects below every prefix, all of them in one listing; nothing else is open to links. */
export function sourcesOfBucket(
  bucket: string,
  objects: readonly string[],
  clock: Pick<Clock, 'now' | 'monotonic'>,
) {
  const list: ObjectListing['list'] = async ({ prefix }) => {
    const place = `s3://${bucket}/`
    if (!prefix.startsWith(place)) return { outcome: 'refused', reason: 'address-not-allowed' }
    const keys = objects.map((key) => `${prefix.slice(place.length)}${key}`)
    return { outcome: 'listed', keys, isEnd: true }
  }
  const listing = { list, close: async () => {} }
  return createSourceReader({ listing, streams: noStreams, clock, bounds: { spoolBytes: 1_000 } })
}
