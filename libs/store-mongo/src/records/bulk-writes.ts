import type { Waiting } from '@semblance/core'
import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'
import { WRITES_AT_ONCE } from '../database/gathered-calls.ts'
import { type Ask, LIMITS } from './record-writes.ts'

/**
 * Carries out operations of any number, in calls of some; each operation is an atomic step of its own, and they come in no
 * order. Answers how many records they matched. After a fault, any of them may have been carried out.
 */
export async function writeInParts<R extends Document>(
  { records, ask }: { readonly records: Collection<R>; readonly ask: Ask },
  operations: readonly AnyBulkWriteOperation<R>[],
  waiting?: Waiting,
): Promise<number> {
  let matched = 0
  for (let from = 0; from < operations.length; from += WRITES_AT_ONCE) {
    const part = operations.slice(from, from + WRITES_AT_ONCE)
    const write = () => records.bulkWrite(part, { ordered: false, ...LIMITS })
    matched += (await ask(write, waiting)).matchedCount
  }
  return matched
}
