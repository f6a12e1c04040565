import type { Waiting } from '@semblance/core'
import type { Collection, Filter, ObjectId, WithoutId } from 'mongodb'
import { writeInParts } from '../records/bulk-writes.ts'
import { type Ask, oneBatchOf } from '../records/record-writes.ts'
import type { ImportRowRecord } from './import-row-record.ts'

export interface RowReplacement {
  /** Names one row, and what it must still be like. */
  readonly filter: Filter<ImportRowRecord> & { readonly _id: string }
  readonly replacement: WithoutId<ImportRowRecord>
}

/**
 * Each row in one atomic step of its own; the replacements have one `write` in common. Answers the ids
 * of those that were replaced, also if the answer of a first try was lost.
 */
export async function replaceRows(
  { rows, ask }: { readonly rows: Collection<ImportRowRecord>; readonly ask: Ask },
  replacements: readonly RowReplacement[],
  waiting?: Waiting,
): Promise<ReadonlySet<string>> {
  const ids = replacements.map(({ filter }) => filter._id)
  if (ids.length === 0) return new Set()
  const write = replacements[0]?.replacement.write as ObjectId
  const operations = replacements.map((replaceOne) => ({ replaceOne }))
  const matched = await writeInParts({ records: rows, ask }, operations, waiting)
  if (matched === ids.length) return new Set(ids)
  const options = { ...oneBatchOf(ids.length), projection: { _id: 1 } } as const
  const find = () => rows.find({ _id: { $in: ids }, write }, options).toArray()
  return new Set((await ask(find, waiting)).map(({ _id }) => _id))
}
