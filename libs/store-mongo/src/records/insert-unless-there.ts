import { type Collection, MongoBulkWriteError, type OptionalUnlessRequiredId } from 'mongodb'
import { LIMITS } from './record-writes.ts'

/**
 * Records whose ids, or other unique fields, are there already are left alone, by whatever call they were written. Answers whether
 * none was.
 */
export async function insertUnlessThere<R extends { readonly _id: string }>(
  collection: Collection<R>,
  records: readonly R[],
): Promise<boolean> {
  if (records.length === 0) return true
  const documents = [...records] as unknown as OptionalUnlessRequiredId<R>[]
  try {
    await collection.insertMany(documents, { ordered: false, ...LIMITS })
    return true
  } catch (error) {
    if (!isOnlyDuplicates(error)) throw error
    return false
  }
}

const DUPLICATE_KEY = 11000

function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError)) return false
  if (error.result.getWriteConcernError() !== undefined) return false
  const errors = [error.writeErrors].flat()
  return errors.length > 0 && errors.every(({ code }) => code === DUPLICATE_KEY)
}
