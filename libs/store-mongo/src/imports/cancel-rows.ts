import { cancelledRow, type ImportId, type ImportRow, type Waiting } from '@semblance/core'
import { type Collection, type Filter, ObjectId } from 'mongodb'
import { type Ask, oneBatchOf } from '../records/record-writes.ts'
import { fieldsOfRow, type ImportRowRecord, NOT_ENDED, rowOfRecord, UNCLAIMED } from './import-row-record.ts'
import { replaceRows } from './replace-rows.ts'

interface CancelDeps {
  readonly rows: Collection<ImportRowRecord>
  readonly ask: Ask
  readonly serverNow: (waiting?: Waiting) => Promise<number>
}

/** Ends rows that were never claimed, each on condition that nobody has written it since it was read. Answers them as they were. */
export async function cancelRows(
  deps: CancelDeps,
  { importId, limit }: { readonly importId: ImportId; readonly limit: number },
  waiting?: Waiting,
): Promise<readonly ImportRow[]> {
  const { rows, ask, serverNow } = deps
  const nowMs = await serverNow(waiting)
  const find = (filter: Filter<ImportRowRecord>, most: number) =>
    most === 0 ? [] : ask(() => rows.find(filter, oneBatchOf(most)).limit(most).toArray(), waiting)
  const free = await find({ importId, outcomeKind: NOT_ENDED, imageId: { $exists: false } }, limit)
  const failed = await find(
    { importId, stagedBytes: { $gte: 0 }, outcomeKind: { $ne: NOT_ENDED } },
    limit - free.length,
  )
  const write = new ObjectId()
  const replacements = [...free, ...failed].map((record) => {
    const { _id, addedAt, write: seen } = record
    const fields = fieldsOfRow(cancelledRow(rowOfRecord(record), nowMs))
    return {
      filter: { _id, write: seen },
      replacement: { importId, addedAt, ...UNCLAIMED, ...fields, write },
    }
  })
  const written = await replaceRows({ rows, ask }, replacements, waiting)
  return [...free, ...failed].filter(({ _id }) => written.has(_id)).map(rowOfRecord)
}
