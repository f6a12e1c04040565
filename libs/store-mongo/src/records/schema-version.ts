import { databaseTooNew } from '@semblance/core'
import type { Db } from 'mongodb'
import { type Ask, LIMITS, RecordWrites, type StoredRecord } from './record-writes.ts'

/**
 * Grows with each change that a process of an older version could not live with. 2: persons who were merged, whom an older
 * version cannot read, and whose pictures it would erase with them.
 */
export const SCHEMA_VERSION = 2

/** The name of the setting that holds it. */
export const SCHEMA_SETTING = 'schema'
/** The name of the one that says which packs the gallery has. */
export const PACK_SETTING = 'pack'

interface Schema extends StoredRecord {
  readonly value: string
}

/** The version that the database was brought to; 0 if it has none yet. Throws E_DATA_UNREADABLE for one that is newer than ours. */
export async function requireKnownSchema(db: Db, ask: Ask): Promise<number> {
  const stored = await ask(() => db.collection<Schema>('settings').findOne({ _id: SCHEMA_SETTING }, LIMITS))
  const found = Number(stored?.value ?? 0)
  if (found > SCHEMA_VERSION) throw databaseTooNew(db.databaseName, { found, known: SCHEMA_VERSION })
  return found
}

/** To be called once everything of this version is there. A newer process may have been faster: its version stays. */
export async function writeSchema(db: Db, ask: Ask): Promise<void> {
  const found = await requireKnownSchema(db, ask)
  if (found === SCHEMA_VERSION) return
  const writes = new RecordWrites<Schema>(db.collection<Schema>('settings'), ask)
  const value = String(SCHEMA_VERSION)
  if (found === 0) await writes.insert({ _id: SCHEMA_SETTING, value })
  else await writes.change({ _id: SCHEMA_SETTING, value: String(found) }, { value })
}
