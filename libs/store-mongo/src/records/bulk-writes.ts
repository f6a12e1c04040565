import type { Waiting } from '@semblance/core'
import type { AnyBulkWriteOperation, Collection, Document } from 'mongodb'
import { type Ask, LIMITS } from './record-writes.ts'

/**
 * A server works on one call's operations one after the other, within one time limit (`LIMITS`). Some that speak MongoDB's
 * wire keep a cursor of each open meanwhile: FerretDB, which has fifty or a hundred of them, answers nobody any more when they are
 * used up. It also looks through a whole collection for each operation: 25 of them did not end in time on a busy machine.
 */
const MOST_AT_ONCE = 10

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
  for (let from = 0; from < operations.length; from += MOST_AT_ONCE) {
    const part = operations.slice(from, from + MOST_AT_ONCE)
    const write = () => records.bulkWrite(part, { ordered: false, ...LIMITS })
    matched += (await ask(write, waiting)).matchedCount
  }
  return matched
}
