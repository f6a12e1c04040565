import {
  type Clock,
  isPassingRefusal,
  type LinkRefusal,
  type ObjectListing,
  type SourcePlace,
  type SourcePortion,
  settingThatOpens,
  type Waiting,
} from '@semblance/core'
import { rowOfPath } from '@semblance/import-sources'
import { incomingRowOf } from './incoming-row.ts'

type PathLayout = Parameters<typeof rowOfPath>[1]

/** Objects listed at a time: the most that either service gives. */
const PORTION = 1_000

/** What is wrong with a source that can be told to its owner. */
const WHY: Readonly<Record<LinkRefusal, string>> = {
  'unsupported-scheme': 'links of this kind are not switched on in the process that reads sources',
  'invalid-link': 'it is no prefix of a bucket',
  'address-not-allowed': 'the bucket is not open to links',
  'unknown-host': 'there is no host of the name of its service',
  unreachable: 'the service of the bucket cannot be reached',
  timeout: 'the service of the bucket does not answer in time',
  incomplete: 'the service of the bucket breaks off',
  'invalid-answer': 'the service of the bucket does not answer as HTTP asks for',
  'too-large': 'the answer is too large',
  'too-many-redirects': 'there are too many redirects',
  'bad-status': 'the bucket is missing, or may not be listed',
}

/** Whether a source is a prefix of a bucket, and no file. */
export function isPrefix(url: string): boolean {
  return /^(s3|gs):\/\/.*\/$/is.test(url)
}

/** Objects of a bucket: each is a row, whose picture is a link to it. */
export async function readPrefix(
  { listing, clock }: { readonly listing: Pick<ObjectListing, 'list'>; readonly clock: Pick<Clock, 'now'> },
  { url, layout, cursor }: Pick<SourcePlace, 'url' | 'cursor'> & { readonly layout: PathLayout },
  waiting?: Waiting,
): Promise<SourcePortion> {
  const listed = await listing.list({ prefix: url, after: cursor, limit: PORTION }, waiting)
  if (listed.outcome === 'refused') {
    const { reason } = listed
    const why = `${WHY[reason]}${settingThatOpens(url, reason)}`
    return { outcome: 'refused', why, isPassing: isPassingRefusal(reason) }
  }
  const { bucket, prefix } = placeOf(url)
  const rows = listed.keys.flatMap((key, i) => {
    const file = { path: key.slice(prefix.length), link: `${bucket}${key}`, position: i + 1 }
    const row = rowOfPath(file, layout)
    return row === null ? [] : [incomingRowOf(row, clock.now())]
  })
  return { outcome: 'rows', rows, cursor: listed.keys.at(-1) ?? cursor, isEnd: listed.isEnd }
}

/** `s3://bucket/staff/` is `s3://bucket/`, and `staff/`. */
function placeOf(url: string): { readonly bucket: string; readonly prefix: string } {
  const end = url.indexOf('/', url.indexOf('://') + 3) + 1
  return { bucket: url.slice(0, end), prefix: url.slice(end) }
}
