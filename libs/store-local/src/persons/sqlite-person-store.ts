import {
  type Clock,
  type EnrolledImage,
  type Group,
  type GroupId,
  type GroupState,
  type ImageId,
  type ImageState,
  type ObserveDamage,
  type OverdueQuery,
  type PackId,
  type PageRequest,
  type Person,
  type PersonChanges,
  type PersonId,
  type PersonQuery,
  type PersonStore,
  pageOf,
  type Waiting,
} from '@semblance/core'
import { SqliteIdempotencyStore } from '../idempotency/sqlite-idempotency-store.ts'
import { type StoreThread, type StoreThreadOptions, startStoreThread } from './store-thread.ts'

export interface SqlitePersonStoreOptions {
  /** Made if it is not there; its folder must be. One process at a time: see `lockDataFolder`. */
  readonly file: string
  /** Judges ages and times of writing. */
  readonly clock: Clock
  readonly onLateErasure?: StoreThreadOptions['onLateErasure']
  /** Told if the store's thread dies by itself: nothing can be read or written then. Must not throw. */
  readonly onDeath?: (cause: unknown) => void
  /** Told of records that cannot be used; readers do not see them. */
  readonly onDamage?: ObserveDamage | undefined
  readonly room?: StoreThreadOptions['room']
}

/** Throws E_DATA_UNREADABLE for a file that is damaged, foreign, of a newer version, or out of reach. */
export async function openSqlitePersonStore(options: SqlitePersonStoreOptions): Promise<PersonStore> {
  return new SqlitePersonStore(await startStoreThread(options))
}

/** The same file and thread for both; closing `persons` closes them. */
export interface SqliteStores {
  readonly persons: PersonStore
  readonly idempotency: SqliteIdempotencyStore
}

/** As `openSqlitePersonStore`, with what is remembered for callers that send an `Idempotency-Key`. */
export async function openSqliteStores(options: SqlitePersonStoreOptions): Promise<SqliteStores> {
  const thread = await startStoreThread(options)
  return { persons: new SqlitePersonStore(thread), idempotency: new SqliteIdempotencyStore(thread) }
}

/** Persons in one SQLite file, read and written on a thread of its own. */
class SqlitePersonStore implements PersonStore {
  readonly #thread: StoreThread

  constructor(thread: StoreThread) {
    this.#thread = thread
  }

  insertPerson(person: Person, waiting?: Waiting) {
    return this.#thread.call('insertPerson', [person], waiting)
  }

  findPerson(id: PersonId, waiting?: Waiting) {
    return this.#thread.call('findPerson', [id], waiting)
  }

  findPersons(ids: readonly PersonId[], waiting?: Waiting) {
    return this.#thread.call('findPersons', [ids], waiting)
  }

  updatePerson(target: { id: PersonId; rev: number }, changes: PersonChanges, waiting?: Waiting) {
    return this.#thread.call('updatePerson', [{ id: target.id, rev: target.rev }, changes], waiting)
  }

  markPersonClean(target: { id: PersonId; rev: number }, waiting?: Waiting) {
    return this.#thread.call('markPersonClean', [{ id: target.id, rev: target.rev }], waiting)
  }

  markUnreadablePerson({ id, updatedAt }: { id: PersonId; updatedAt: number }, waiting?: Waiting) {
    return this.#thread.call('markUnreadablePerson', [{ id, updatedAt }], waiting)
  }

  async listPersons(query: PersonQuery, request: PageRequest, waiting?: Waiting) {
    const { items, total } = await this.#thread.call('listPersons', [query, request], waiting)
    return pageOf(items, total, request)
  }

  insertImage(image: EnrolledImage, waiting?: Waiting) {
    // A view clones with the whole buffer behind it, and that may hold a batch of descriptors.
    const descriptor = { packId: image.descriptor.packId, values: image.descriptor.values.slice() }
    return this.#thread.call('insertImage', [{ ...image, descriptor }], waiting)
  }

  findImage(id: ImageId, waiting?: Waiting) {
    return this.#thread.call('findImage', [id], waiting)
  }

  findImages(ids: readonly ImageId[], waiting?: Waiting) {
    return this.#thread.call('findImages', [ids], waiting)
  }

  recordedImageIds(ids: readonly ImageId[], waiting?: Waiting) {
    return this.#thread.call('recordedImageIds', [ids], waiting)
  }

  moveImage(id: ImageId, move: { from: readonly ImageState[]; to: ImageState }, waiting?: Waiting) {
    return this.#thread.call('moveImage', [id, move], waiting)
  }

  markUnreadableImage({ id, personId }: { id: ImageId; personId: PersonId }, waiting?: Waiting) {
    return this.#thread.call('markUnreadableImage', [{ id, personId }], waiting)
  }

  async listImages(personId: PersonId, request: PageRequest, waiting?: Waiting) {
    const { items, total } = await this.#thread.call('listImages', [personId, request], waiting)
    return pageOf(items, total, request)
  }

  listImageIds(personId: PersonId, waiting?: Waiting) {
    return this.#thread.call('listImageIds', [personId], waiting)
  }

  /** The descriptors of one answer share one buffer: copy out what is to outlive the others. */
  scanEnrolled(query: { after: ImageId | null; limit: number }, waiting?: Waiting) {
    return this.#thread.call('scanEnrolled', [query], waiting)
  }

  insertGroup(group: Group, waiting?: Waiting) {
    return this.#thread.call('insertGroup', [group], waiting)
  }

  findGroup(id: GroupId, waiting?: Waiting) {
    return this.#thread.call('findGroup', [id], waiting)
  }

  findGroups(ids: readonly GroupId[], waiting?: Waiting) {
    return this.#thread.call('findGroups', [ids], waiting)
  }

  updateGroup(id: GroupId, changes: Partial<Pick<Group, 'name' | 'metadata'>>, waiting?: Waiting) {
    return this.#thread.call('updateGroup', [id, changes], waiting)
  }

  moveGroup(id: GroupId, move: { from: readonly GroupState[]; to: GroupState }, waiting?: Waiting) {
    return this.#thread.call('moveGroup', [id, move], waiting)
  }

  async listGroups(request: PageRequest, waiting?: Waiting) {
    const { items, total } = await this.#thread.call('listGroups', [request], waiting)
    return pageOf(items, total, request)
  }

  listGroupMembers(query: { groupId: GroupId; after: PersonId | null; limit: number }, waiting?: Waiting) {
    return this.#thread.call('listGroupMembers', [query], waiting)
  }

  readDefaultGroup(waiting?: Waiting) {
    return this.#thread.call('readDefaultGroup', [], waiting)
  }

  setDefaultGroup(change: { expected: GroupId | null; next: GroupId }, waiting?: Waiting) {
    return this.#thread.call('setDefaultGroup', [change], waiting)
  }

  claimPack(packId: PackId, waiting?: Waiting) {
    return this.#thread.call('claimPack', [packId], waiting)
  }

  listOverdue(query: OverdueQuery, waiting?: Waiting) {
    return this.#thread.call('listOverdue', [query], waiting)
  }

  countOverdue(query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, waiting?: Waiting) {
    return this.#thread.call('countOverdue', [query], waiting)
  }

  countEnrolled(waiting?: Waiting) {
    return this.#thread.call('countEnrolled', [], waiting)
  }

  forget(kind: 'person' | 'image' | 'group', id: string, waiting?: Waiting) {
    return this.#thread.call('forget', [{ kind, id }], waiting)
  }

  check(waiting?: Waiting) {
    return this.#thread.call('check', [], waiting)
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}
