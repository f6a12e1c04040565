/** What the length of a record is told from. */
export interface LongRecord {
  readonly id: string
  readonly name: string
  readonly metadata: string
  readonly groups?: readonly string[]
}

/** Records that are read before anybody knows how long they are; a megabyte of the longest. */
const FIRST_RECORDS = 16
/** Never more in one portion, however short those before were; 7 MB of the longest. */
const MAX_RECORDS = 100
/** What one portion is to come to: a store answers it, and the event loop takes it, in a few milliseconds. */
const PORTION_BYTES = 1_000_000

/** What a record has in an answer beside its texts: ids, times and the names of its fields. */
const FRAME_BYTES = 220
/** A UUID, two quotes and a comma. */
const ID_BYTES = 39

/** The records of these ids in portions of about a megabyte, in the order of the ids from portion to portion. */
export async function* inPortions<Item extends LongRecord>(
  ids: readonly Item['id'][],
  findMany: (ids: readonly Item['id'][]) => Promise<readonly Item[]>,
): AsyncGenerator<readonly Item[]> {
  let count = FIRST_RECORDS
  for (let at = 0; at < ids.length; ) {
    const wanted = ids.slice(at, at + count)
    const found = await findMany(wanted)
    yield found
    at += wanted.length
    count = countWithin(PORTION_BYTES, found)
  }
}

/** The bytes of these in an answer, as well as they can be told without writing it. */
export function bytesOfRecords(records: readonly LongRecord[]): number {
  return records.reduce((sum, record) => sum + bytesOf(record), 0)
}

function bytesOf({ name, metadata, groups = [] }: LongRecord): number {
  return FRAME_BYTES + Buffer.byteLength(metadata) + Buffer.byteLength(name) + groups.length * ID_BYTES
}

/** As many as are expected to come to so many bytes, if they are as long as these. */
function countWithin(bytes: number, found: readonly LongRecord[]): number {
  const fitting = Math.floor((bytes * found.length) / Math.max(bytesOfRecords(found), 1))
  return Math.min(Math.max(fitting, FIRST_RECORDS), MAX_RECORDS)
}
