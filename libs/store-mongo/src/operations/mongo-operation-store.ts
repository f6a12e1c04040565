import { type OperationStore, storeUnavailable } from '@semblance/core'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { ensureIndexes, OPERATION_INDEXES } from '../records/indexes.ts'
import type { Ask } from '../records/record-writes.ts'
import { MongoDuplicatePairs } from './mongo-duplicate-pairs.ts'
import { MongoOperationRecords } from './mongo-operation-records.ts'
import { MongoOperationTargets } from './mongo-operation-targets.ts'

export interface MongoOperationStoreOptions {
  /** The database stays open. */
  readonly database: MongoDatabase
}

/** The time for a call that may carry a thousand pairs, or remove a hundred thousand. */
const PAIRS_TIMEOUT_MS = 10_000

/** Makes the indexes that are missing. Throws E_STORE_UNAVAILABLE. */
export async function openMongoOperationStore(options: MongoOperationStoreOptions): Promise<OperationStore> {
  const { database } = options
  const ask: Ask = (run, waiting) =>
    database.ask(run, { unavailable: storeUnavailable, waiting, timeoutMs: PAIRS_TIMEOUT_MS })
  await ask(() => ensureIndexes(database.db, OPERATION_INDEXES))
  return {
    records: new MongoOperationRecords(database.db, ask),
    targets: new MongoOperationTargets(database.db, ask),
    pairs: new MongoDuplicatePairs(database.db, ask),
  }
}
