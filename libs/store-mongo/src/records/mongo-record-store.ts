import {
  type IndexGenerationRegistry,
  type ObserveDamage,
  type PackId,
  type RecordStore,
  storeUnavailable,
  type Waiting,
} from '@semblance/core'
import {
  type MongoDatabase,
  type MongoDatabaseOptions,
  openMongoDatabase,
} from '../database/mongo-database.ts'
import { MongoFault } from '../database/mongo-fault.ts'
import { EnrolledCounts } from './enrolled-counts.ts'
import { metadataTermsPass } from './fill-metadata-terms.ts'
import { fillPersons } from './fill-pass.ts'
import { sentNamesPass } from './fill-sent-names.ts'
import { ensureIndexes, RECORD_INDEXES } from './indexes.ts'
import { MongoDescriptorRecords } from './mongo-descriptor-records.ts'
import { MongoFeedbackRecords } from './mongo-feedback-records.ts'
import { MongoGroupRecords } from './mongo-group-records.ts'
import { MongoImageRecords } from './mongo-image-records.ts'
import { MongoOverdueRecords } from './mongo-overdue-records.ts'
import { MongoPersonRecords } from './mongo-person-records.ts'
import { MongoSettingRecords } from './mongo-setting-records.ts'
import type { Ask } from './record-writes.ts'
import { requireKnownSchema, writeSchema } from './schema-version.ts'

/** Persons, groups and image records, and which generations of the index there are. */
export interface MongoRecordStore extends RecordStore {
  /** Which copies of the index of a pack there are. */
  generationsOf(packId: PackId): IndexGenerationRegistry
  /** Packs of whose index there is a copy. */
  packsWithGenerations(waiting?: Waiting): Promise<readonly PackId[]>
}

/** A database that is open already stays open when the store is closed. */
export type MongoRecordStoreOptions = ({ readonly database: MongoDatabase } | MongoDatabaseOptions) & {
  /** This is told of records that cannot be used; readers do not see them. */
  readonly onDamage?: ObserveDamage | undefined
}

/** An index over what an older version left may take a while to build. */
const INDEXING_TIMEOUT_MS = 25_000

/**
 * Makes the indexes that are missing, and what records of an older version lack. Throws E_STORE_UNAVAILABLE, and
 * E_DATA_UNREADABLE for a database of a newer version.
 */
export async function openMongoRecordStore(options: MongoRecordStoreOptions): Promise<MongoRecordStore> {
  const isGuest = 'database' in options
  const database = isGuest ? options.database : await openMongoDatabase(options)
  try {
    const patient: Ask = (run) =>
      database.ask(run, { unavailable: storeUnavailable, timeoutMs: INDEXING_TIMEOUT_MS })
    await requireKnownSchema(database.db, patient)
    await patient(() => ensureIndexes(database.db, RECORD_INDEXES))
    await fillPersons(database.db, metadataTermsPass, patient)
    await fillPersons(database.db, sentNamesPass, patient)
    await writeSchema(database.db, patient)
  } catch (error) {
    if (!isGuest) await database.close()
    throw error
  }
  const closeDatabase = isGuest ? async () => {} : () => database.close()
  return recordsIn({ database, closeDatabase, onDamage: options.onDamage ?? (() => {}) })
}

interface RecordsInMongo {
  readonly database: MongoDatabase
  readonly closeDatabase: () => Promise<void>
  readonly onDamage: ObserveDamage
}

function recordsIn({ database, closeDatabase, onDamage }: RecordsInMongo): MongoRecordStore {
  const { db } = database
  let isClosed = false
  const told = (waiting: Waiting | undefined) => {
    if (isClosed) throw storeUnavailable(new MongoFault('the record store is closed', 'Closed'))
    return { unavailable: storeUnavailable, waiting }
  }
  const ask: Ask = async (run, waiting) => database.ask(run, told(waiting))
  const serverNow = async (waiting?: Waiting) => database.serverNow(told(waiting))
  const persons = new MongoPersonRecords(db, { ask, onDamage })
  const settings = new MongoSettingRecords(db, ask)
  const enrolled = new EnrolledCounts(db, ask)
  const images = new MongoImageRecords(db, { ask, persons, onDamage })
  return {
    persons,
    images,
    descriptors: new MongoDescriptorRecords(db, { ask, images }),
    groups: new MongoGroupRecords(db, { ask, onDamage }),
    feedback: new MongoFeedbackRecords(db, ask),
    settings,
    generationsOf: (packId) => settings.generationsOf(packId),
    packsWithGenerations: (waiting) => settings.packsWithGenerations(waiting),
    overdue: new MongoOverdueRecords(db, { ask, serverNow }),
    countEnrolled: (waiting) => enrolled.count(waiting),
    check: async (waiting) => {
      await database.check(told(waiting))
    },
    close: async () => {
      isClosed = true
      await closeDatabase()
    },
  }
}
