import {
  type EnrolledImage,
  type Group,
  type GroupId,
  type GroupState,
  type ImageId,
  type ImageState,
  type IndexGenerationRegistry,
  type IndexGenerations,
  type ObserveDamage,
  type OverdueQuery,
  type PackId,
  type PageRequest,
  type Person,
  type PersonChanges,
  type PersonId,
  type PersonQuery,
  type PersonStore,
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
import { GroupRecords } from './group-records.ts'
import { ImageRecords } from './image-records.ts'
import { ensureIndexes } from './indexes.ts'
import { OverdueRecords } from './overdue-records.ts'
import { PersonRecords } from './person-records.ts'
import type { Ask } from './record-writes.ts'
import { SettingRecords } from './setting-records.ts'

/** Persons, groups and image records, and which generations of the index there are. */
export type MongoPersonStore = PersonStore & IndexGenerationRegistry

/** A database that is open already stays open when the store is closed. */
export type MongoPersonStoreOptions = ({ readonly database: MongoDatabase } | MongoDatabaseOptions) & {
  /** Told of records that cannot be used; readers do not see them. */
  readonly onDamage?: ObserveDamage | undefined
}

/** An index over what an older version left may take a while to build. */
const INDEXING_TIMEOUT_MS = 25_000

/** Makes the indexes that are missing, and what records of an older version lack. Throws E_STORE_UNAVAILABLE. */
export async function openMongoPersonStore(options: MongoPersonStoreOptions): Promise<MongoPersonStore> {
  const isGuest = 'database' in options
  const database = isGuest ? options.database : await openMongoDatabase(options)
  try {
    const patient: Ask = (run) =>
      database.ask(run, { unavailable: storeUnavailable, timeoutMs: INDEXING_TIMEOUT_MS })
    await patient(() => ensureIndexes(database.db))
    await fillPersons(database.db, metadataTermsPass, patient)
    await fillPersons(database.db, sentNamesPass, patient)
  } catch (error) {
    if (!isGuest) await database.close()
    throw error
  }
  const closeDatabase = isGuest ? async () => {} : () => database.close()
  return new RecordsInMongo({ database, closeDatabase, onDamage: options.onDamage ?? (() => {}) })
}

interface RecordsInMongoDeps {
  readonly database: MongoDatabase
  readonly closeDatabase: () => Promise<void>
  readonly onDamage: ObserveDamage
}

class RecordsInMongo implements MongoPersonStore {
  readonly #database: MongoDatabase
  readonly #persons: PersonRecords
  readonly #images: ImageRecords
  readonly #groups: GroupRecords
  readonly #settings: SettingRecords
  readonly #overdue: OverdueRecords
  readonly #enrolled: EnrolledCounts
  readonly #closeDatabase: () => Promise<void>
  #isClosed = false

  constructor({ database, closeDatabase, onDamage }: RecordsInMongoDeps) {
    const { db } = database
    const ask: Ask = async (run, waiting) => database.ask(run, this.#told(waiting))
    const serverNow = async (waiting?: Waiting) => database.serverNow(this.#told(waiting))
    this.#database = database
    this.#closeDatabase = closeDatabase
    this.#persons = new PersonRecords(db, { ask, onDamage })
    this.#images = new ImageRecords(db, { ask, persons: this.#persons, onDamage })
    this.#groups = new GroupRecords(db, { ask, onDamage })
    this.#settings = new SettingRecords(db, ask)
    this.#overdue = new OverdueRecords(db, { ask, serverNow })
    this.#enrolled = new EnrolledCounts(db, ask)
  }

  insertPerson(person: Person, waiting?: Waiting) {
    return this.#persons.insert(person, waiting)
  }

  findPerson(id: PersonId, waiting?: Waiting) {
    return this.#persons.find(id, waiting)
  }

  findPersons(ids: readonly PersonId[], waiting?: Waiting) {
    return this.#persons.findMany(ids, {}, waiting)
  }

  updatePerson(target: { id: PersonId; rev: number }, changes: PersonChanges, waiting?: Waiting) {
    return this.#persons.update(target, changes, waiting)
  }

  markPersonClean(target: { id: PersonId; rev: number }, waiting?: Waiting) {
    return this.#persons.markClean(target, waiting)
  }

  markUnreadablePerson(target: { id: PersonId; updatedAt: number }, waiting?: Waiting) {
    return this.#persons.markUnreadable(target, waiting)
  }

  listPersons(query: PersonQuery, request: PageRequest, waiting?: Waiting) {
    return this.#persons.list(query, request, waiting)
  }

  insertImage(image: EnrolledImage, waiting?: Waiting) {
    return this.#images.insert(image, waiting)
  }

  findImage(id: ImageId, waiting?: Waiting) {
    return this.#images.find(id, waiting)
  }

  findImages(ids: readonly ImageId[], waiting?: Waiting) {
    return this.#images.findMany(ids, waiting)
  }

  recordedImageIds(ids: readonly ImageId[], waiting?: Waiting) {
    return this.#images.recordedIds(ids, waiting)
  }

  moveImage(id: ImageId, move: { from: readonly ImageState[]; to: ImageState }, waiting?: Waiting) {
    return this.#images.move(id, move, waiting)
  }

  markUnreadableImage(target: { id: ImageId; personId: PersonId }, waiting?: Waiting) {
    return this.#images.markUnreadable(target, waiting)
  }

  listImages(personId: PersonId, request: PageRequest, waiting?: Waiting) {
    return this.#images.list(personId, request, waiting)
  }

  listImageIds(personId: PersonId, waiting?: Waiting) {
    return this.#images.listIds(personId, waiting)
  }

  scanEnrolled(query: { after: ImageId | null; limit: number }, waiting?: Waiting) {
    return this.#images.scan(query, waiting)
  }

  insertGroup(group: Group, waiting?: Waiting) {
    return this.#groups.insert(group, waiting)
  }

  findGroup(id: GroupId, waiting?: Waiting) {
    return this.#groups.find(id, waiting)
  }

  findGroups(ids: readonly GroupId[], waiting?: Waiting) {
    return this.#groups.findMany(ids, waiting)
  }

  updateGroup(id: GroupId, changes: Partial<Pick<Group, 'name' | 'metadata'>>, waiting?: Waiting) {
    return this.#groups.update(id, changes, waiting)
  }

  moveGroup(id: GroupId, move: { from: readonly GroupState[]; to: GroupState }, waiting?: Waiting) {
    return this.#groups.move(id, move, waiting)
  }

  listGroups(request: PageRequest, waiting?: Waiting) {
    return this.#groups.list(request, waiting)
  }

  listGroupMembers(query: { groupId: GroupId; after: PersonId | null; limit: number }, waiting?: Waiting) {
    return this.#persons.listMembers(query, waiting)
  }

  readDefaultGroup(waiting?: Waiting) {
    return this.#settings.readDefaultGroup(waiting)
  }

  setDefaultGroup(change: { expected: GroupId | null; next: GroupId }, waiting?: Waiting) {
    return this.#settings.setDefaultGroup(change, waiting)
  }

  claimPack(packId: PackId, waiting?: Waiting) {
    return this.#settings.claimPack(packId, waiting)
  }

  readGenerations(waiting?: Waiting) {
    return this.#settings.readGenerations(waiting)
  }

  changeGenerations(next: IndexGenerations, waiting?: Waiting) {
    return this.#settings.changeGenerations(next, waiting)
  }

  listOverdue(query: OverdueQuery, waiting?: Waiting) {
    return this.#overdue.list(query, waiting)
  }

  countOverdue(query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, waiting?: Waiting) {
    return this.#overdue.count(query, waiting)
  }

  countEnrolled(waiting?: Waiting) {
    return this.#enrolled.count(waiting)
  }

  forget(kind: 'person' | 'image' | 'group', id: string, waiting?: Waiting) {
    return this.#overdue.forget(kind, id, waiting)
  }

  async check(waiting?: Waiting) {
    await this.#database.check(this.#told(waiting))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#closeDatabase()
  }

  #told(waiting: Waiting | undefined) {
    if (this.#isClosed) throw storeUnavailable(new MongoFault('the person store is closed', 'Closed'))
    return { unavailable: storeUnavailable, waiting }
  }
}
