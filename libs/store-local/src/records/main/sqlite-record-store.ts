import type { Clock, ImportStore, ObserveDamage, OperationStore, RecordStore } from '@semblance/core'
import type { LocalIdempotencyStore } from '../store-calls.ts'
import { listingGroups, listingPersons } from './listing-records.ts'
import { portsOverThread } from './ports-over-thread.ts'
import { type StoreThreadOptions, startStoreThread } from './store-thread-handle.ts'

export interface SqliteRecordStoreOptions {
  /** The file is made if it is not there; its folder must be. One process at a time: see `lockDataFolder`. */
  readonly file: string
  /** Judges ages and times of writing. */
  readonly clock: Clock
  readonly onLateErasure?: StoreThreadOptions['onLateErasure']
  /** This is told if the store's thread dies by itself: nothing can be read or written then. It must not throw. */
  readonly onDeath?: (cause: unknown) => void
  /** This is told of records that cannot be used; readers do not see them. */
  readonly onDamage?: ObserveDamage | undefined
  readonly room?: StoreThreadOptions['room']
}

/** The same file and thread for all; closing `records` closes them. */
export interface SqliteStores {
  readonly records: RecordStore
  readonly idempotency: LocalIdempotencyStore
  readonly imports: ImportStore
  readonly operations: OperationStore
}

/** Throws E_DATA_UNREADABLE for a file that is damaged, foreign, of a newer version, or out of reach. */
export async function openSqliteRecordStore(options: SqliteRecordStoreOptions): Promise<RecordStore> {
  return (await openSqliteStores(options)).records
}

/** Opens what `openSqliteRecordStore` opens, what is remembered for callers that send an `Idempotency-Key`, imports and operations. */
export async function openSqliteStores(options: SqliteRecordStoreOptions): Promise<SqliteStores> {
  const thread = await startStoreThread(options)
  const { store, replies, importRecords, importRows, importedPersons, ...others } = portsOverThread(thread)
  const { operationRecords, operationTargets, duplicatePairs, ...ports } = others
  const imports = { records: importRecords, rows: importRows, persons: importedPersons }
  const operations = { records: operationRecords, targets: operationTargets, pairs: duplicatePairs }
  const [persons, groups] = [listingPersons(ports.persons), listingGroups(ports.groups)]
  // The descriptors of one answer of `scanEnrolled` share one buffer: copy out what is to outlive the others.
  const records = { ...ports, persons, groups, ...store, close: () => thread.close() }
  return { records, idempotency: replies, imports, operations }
}
