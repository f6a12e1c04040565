import type { Group, GroupState } from '../groups/group.ts'
import type { GroupId, ImageId, PackId, PersonId } from '../ids.ts'
import type { EnrolledImage, Image, ImageState } from '../images/image.ts'
import type { Page, PageRequest } from '../page.ts'
import type { MetadataFilter } from '../persons/metadata-terms.ts'
import type { Person, PersonChanges } from '../persons/person.ts'
import type { Waiting } from './waiting.ts'

/**
 * Persons, groups and image records, descriptors included: the one source of truth. Index and pictures are
 * derived or attached. A call that resolves is durable (survives kill -9 and power loss) and seen by every later
 * read through any process. Every write is one atomic step on one record; nothing spans two. An unreachable or
 * failing store throws E_STORE_UNAVAILABLE. Two callers that compare-and-set at once: exactly one wins.
 */
export interface PersonStore {
  /** False if the id exists, in whatever state (a tombstone, too). */
  insertPerson(person: Person, waiting?: Waiting): Promise<boolean>
  /** In any state; visibility is the caller's to judge. */
  findPerson(id: PersonId, waiting?: Waiting): Promise<Person | null>
  /** Those that exist, in any state and any order. */
  findPersons(ids: readonly PersonId[], waiting?: Waiting): Promise<readonly Person[]>
  /**
   * Compare-and-set: applied only if the record's rev is still `rev`, which is raised by one. Answers the new
   * record, or null if it moved on or is absent. A change to `gone` strips everything but id, times and rev.
   */
  updatePerson(
    target: { readonly id: PersonId; readonly rev: number },
    changes: PersonChanges,
    waiting?: Waiting,
  ): Promise<Person | null>
  /** Clears `dirty` without raising rev, if rev is still the one given. */
  markPersonClean(target: { readonly id: PersonId; readonly rev: number }, waiting?: Waiting): Promise<void>
  /**
   * Makes a person whose record cannot be read a `deleting` one, by its id alone: name, metadata and all else go at once,
   * `updatedAt` stands for its times, and the record can be read again. False if there is none, it can be read, or it is
   * `gone`.
   */
  markUnreadablePerson(
    target: { readonly id: PersonId; readonly updatedAt: number },
    waiting?: Waiting,
  ): Promise<boolean>
  /** Visible persons at `nowMs`, by decreasing id. `size` at most 1000. */
  listPersons(query: PersonQuery, request: PageRequest, waiting?: Waiting): Promise<Page<Person>>

  /** False if the id exists, in whatever state. */
  insertImage(image: EnrolledImage, waiting?: Waiting): Promise<boolean>
  /** With its descriptor (empty for a tombstone); in any state. */
  findImage(id: ImageId, waiting?: Waiting): Promise<EnrolledImage | null>
  findImages(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly Image[]>
  /** Of these, the ones that have a record, readable or not: what cannot be read is not absent, let alone deleted. */
  recordedImageIds(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly ImageId[]>
  /** Compare-and-set on the state; false if it was in none of `from`. To `gone` strips descriptor, sha256 and sizes. */
  moveImage(
    id: ImageId,
    move: { readonly from: readonly ImageState[]; readonly to: ImageState },
    waiting?: Waiting,
  ): Promise<boolean>
  /** Makes an image of this person whose record cannot be read a `deleting` one. False as for a person. */
  markUnreadableImage(
    target: { readonly id: ImageId; readonly personId: PersonId },
    waiting?: Waiting,
  ): Promise<boolean>
  /** `ready` ones of a person, by decreasing id. */
  listImages(personId: PersonId, request: PageRequest, waiting?: Waiting): Promise<Page<Image>>
  /** Every image of a person that is neither `gone` nor `erased`, readable or not: what a delete has to erase. */
  listImageIds(personId: PersonId, waiting?: Waiting): Promise<readonly ImageId[]>
  /** `ready` images of live persons with the person's payload, by increasing id after `after`: feeds an index. */
  scanEnrolled(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly EnrolledRow[]>

  insertGroup(group: Group, waiting?: Waiting): Promise<boolean>
  findGroup(id: GroupId, waiting?: Waiting): Promise<Group | null>
  /** Those that exist, in any state and any order. */
  findGroups(ids: readonly GroupId[], waiting?: Waiting): Promise<readonly Group[]>
  /** Changes a live group; false if there is none. */
  updateGroup(
    id: GroupId,
    changes: Partial<Pick<Group, 'name' | 'metadata'>>,
    waiting?: Waiting,
  ): Promise<boolean>
  moveGroup(
    id: GroupId,
    move: { readonly from: readonly GroupState[]; readonly to: GroupState },
    waiting?: Waiting,
  ): Promise<boolean>
  /** Live ones, by decreasing id. */
  listGroups(request: PageRequest, waiting?: Waiting): Promise<Page<Group>>
  /** Every person that is not `gone` and names the group, by increasing id after `after`. */
  listGroupMembers(
    query: { readonly groupId: GroupId; readonly after: PersonId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly PersonId[]>

  /** The Default group's id, null before first need. */
  readDefaultGroup(waiting?: Waiting): Promise<GroupId | null>
  /** Compare-and-set on that setting. */
  setDefaultGroup(
    change: { readonly expected: GroupId | null; readonly next: GroupId },
    waiting?: Waiting,
  ): Promise<boolean>
  /** Remembers the pack at first use; answers the gallery's pack, which is another one if it was made with that. */
  claimPack(packId: PackId, waiting?: Waiting): Promise<PackId>

  /**
   * Ids that wait for the reconciler, oldest first; ages are judged by the store's own clock. An expired person's age
   * counts from its expiry, any other record's from the last write to it.
   */
  listOverdue(query: OverdueQuery, waiting?: Waiting): Promise<readonly string[]>
  /** How many `listOverdue` would answer without a limit. Cheap enough to be asked at each scrape of the metrics. */
  countOverdue(query: Pick<OverdueQuery, 'kind' | 'untouchedMs'>, waiting?: Waiting): Promise<OverdueCount>
  /**
   * How much is enrolled, for metrics: cheap at any size, and so perhaps as of half a minute ago. Expired persons count
   * until they are deleted.
   */
  countEnrolled(waiting?: Waiting): Promise<EnrolledCount>
  /** Removes a tombstone for good. */
  forget(kind: 'person' | 'image' | 'group', id: string, waiting?: Waiting): Promise<void>

  /** Resolves when the store answers; throws E_STORE_UNAVAILABLE when it does not. */
  check(waiting?: Waiting): Promise<void>
  close(): Promise<void>
}

/** All that is given must hold. Names are compared by `comparedName`, external ids exactly, metadata by `metadataTerms`. */
export interface PersonQuery {
  readonly groupId?: GroupId
  readonly name?: string
  readonly externalId?: string
  readonly metadata?: readonly MetadataFilter[]
  readonly nowMs: number
}

/** One row of an index to be built. */
export interface EnrolledRow {
  readonly image: EnrolledImage
  readonly person: Person
}

/** `untouchedMs`: only records that nobody wrote to for that long. */
export interface OverdueQuery {
  readonly kind:
    | 'pending-image'
    | 'deleting-image'
    | 'gone-image'
    | 'erased-image'
    | 'pending-person'
    | 'deleting-person'
    | 'dirty-person'
    | 'expired-person'
    | 'gone-person'
    | 'deleting-group'
    | 'gone-group'
  readonly untouchedMs: number
  /** Only this record, if it is one of them. */
  readonly id?: string
  /** So many of the oldest are passed over: those that somebody has tried already. */
  readonly skip: number
  readonly limit: number
}

export interface EnrolledCount {
  /** Live ones. */
  readonly persons: number
  /** `ready` ones. */
  readonly images: number
  /** Of the pictures of those images. */
  readonly pictureBytes: number
}

export interface OverdueCount {
  readonly count: number
  /** Age of the oldest of them; 0 if there is none. */
  readonly oldestMs: number
}
