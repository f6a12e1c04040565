import { recordsMissing } from '../errors.ts'
import type { ImageId } from '../ids.ts'
import type { ImageRecords } from '../ports/image-records.ts'
import type { Waiting } from '../ports/waiting.ts'

/** Ids of what hangs on records (pictures, vectors), by increasing id. */
export type ListIds = (
  query: { readonly after: ImageId | null; readonly limit: number },
  waiting?: Waiting,
) => Promise<readonly ImageId[]>

export interface RecordCount {
  readonly atHand: number
  /** How many of those the store has no record of, not even a tombstone. */
  readonly unknown: number
}

export interface RequireRecordsOptions extends Waiting {
  readonly what: 'pictures' | 'vectors'
  readonly list: ListIds
  /** The operator has accepted so many unknown ones (`SEMBLANCE_ACCEPT_MISSING_RECORDS`). */
  readonly accepted: number
  /** The system's clock in milliseconds: spreads the samples of a large gallery over its time. */
  readonly nowMs: number
}

const PAGE = 5_000
/** Up to so many ids are all looked at; of more, samples first. 20,000 files and records take a third of a second. */
const COUNTED_WHOLE = 20_000
const SAMPLES = 16
const SAMPLE = 250
/** Fewer unknown ones than this never stop a start while the store knows at least half: a crash may leave a few. */
const FEW = 10

/**
 * Throws E_RECORDS_MISSING if the store knows none, or far fewer, of the things at hand: less than half of them, or
 * less than nine in ten where ten or more are unknown. Such a store is empty, older or foreign, and tidying by it would
 * take away what belongs to somebody. A few unknown ones are nothing unusual: they are set aside.
 */
export async function requireRecords(
  images: Pick<ImageRecords, 'recordedIds'> | null,
  options: RequireRecordsOptions,
): Promise<void> {
  const { what, accepted } = options
  const first = await countKnown(images, { ...options, after: null, limit: COUNTED_WHOLE })
  const seen = first.isAll || isFarFewer(first) ? first : await countSamples(images, options)
  if (!isFarFewer(seen)) return
  const all = first.isAll
    ? first
    : await countKnown(images, { ...options, after: null, limit: Number.POSITIVE_INFINITY })
  if (isFarFewer(all) && all.unknown > accepted) throw recordsMissing(what, all)
}

export function isFarFewer({ atHand, unknown }: RecordCount): boolean {
  return 2 * (atHand - unknown) < atHand || (unknown >= FEW && 10 * unknown > atHand)
}

interface Stretch extends Waiting {
  readonly list: ListIds
  readonly after: ImageId | null
  readonly limit: number
}

async function countKnown(
  images: Pick<ImageRecords, 'recordedIds'> | null,
  stretch: Stretch,
): Promise<RecordCount & { readonly isAll: boolean; readonly last: ImageId | null }> {
  const { list, limit } = stretch
  let [last, atHand, unknown] = [stretch.after, 0, 0]
  for (;;) {
    stretch.signal?.throwIfAborted()
    const size = Math.min(PAGE, limit - atHand)
    const ids = size > 0 ? await list({ after: last, limit: size }, stretch) : []
    const known = ids.length === 0 || images === null ? [] : await images.recordedIds(ids, stretch)
    atHand += ids.length
    unknown += ids.length - known.length
    last = ids.at(-1) ?? last
    if (ids.length < PAGE) return { atHand, unknown, last, isAll: ids.length < size }
  }
}

/** Spread over the time from the smallest id to now: an older store does not know the latest. */
async function countSamples(
  images: Pick<ImageRecords, 'recordedIds'> | null,
  options: RequireRecordsOptions,
): Promise<RecordCount> {
  const [first] = await options.list({ after: null, limit: 1 }, options)
  const from = first === undefined ? 0 : timePrefixMs(first)
  const sum = { atHand: 0, unknown: 0 }
  for (let n = 0; n < SAMPLES; n++) {
    const after = idFrom(from + ((options.nowMs - from) * n) / SAMPLES)
    const { atHand, unknown } = await countKnown(images, { ...options, after, limit: SAMPLE })
    sum.atHand += atHand
    sum.unknown += unknown
  }
  return sum
}

/** An id's first 48 bits, which are its time where it is a UUIDv7. */
function timePrefixMs(id: ImageId): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)
}

function idFrom(ms: number): ImageId {
  const digits = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0').slice(-12)
  return `${digits.slice(0, 8)}-${digits.slice(8)}-0000-0000-000000000000` as ImageId
}
