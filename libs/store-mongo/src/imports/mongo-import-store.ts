import { type ImportStore, type ObserveDamage, storeUnavailable, type Waiting } from '@semblance/core'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { ensureIndexes, IMPORT_INDEXES } from '../records/indexes.ts'
import type { Ask } from '../records/record-writes.ts'
import { areUsersBlank, blankUsers } from './blank-users.ts'
import { MongoImportRecords } from './mongo-import-records.ts'
import { MongoImportRows } from './mongo-import-rows.ts'
import { MongoImportedPersons } from './mongo-imported-persons.ts'

export interface MongoImportStoreOptions {
  /** The database stays open. */
  readonly database: MongoDatabase
  /** This is told of imports that were changed by hand. */
  readonly onDamage?: ObserveDamage | undefined
}

/** The time for a call that may carry a thousand rows. */
const ROWS_TIMEOUT_MS = 10_000

/** Makes the indexes that are missing, and takes out what no record may hold any more. Throws E_STORE_UNAVAILABLE. */
export async function openMongoImportStore({
  database,
  onDamage = () => {},
}: MongoImportStoreOptions): Promise<ImportStore> {
  const { db } = database
  const told = (waiting?: Waiting) => ({ unavailable: storeUnavailable, waiting })
  const ask: Ask = (run, waiting) => database.ask(run, { ...told(waiting), timeoutMs: ROWS_TIMEOUT_MS })
  const serverNow = (waiting?: Waiting) => database.serverNow(told(waiting))
  const isBlank = await ask(async () => {
    await ensureIndexes(db, IMPORT_INDEXES)
    return areUsersBlank(db)
  })
  if (!isBlank) await blankUsers(db, ask)
  return {
    records: new MongoImportRecords(db, { ask, onDamage }),
    rows: new MongoImportRows(db, { ask, serverNow }),
    persons: new MongoImportedPersons(db, { ask, serverNow }),
  }
}
