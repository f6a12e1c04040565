import type { GroupId, PersonId } from '../ids.ts'
import type { Page, PageRequest } from '../page.ts'
import type { MetadataFilter } from '../persons/metadata-terms.ts'
import type { Person, PersonChanges } from '../persons/person.ts'
import type { Listing, Waiting } from './waiting.ts'

/** Persons. What holds for every write and read is said of `RecordStore`. */
export interface PersonRecords {
  /** False if the id exists, in whatever state (a tombstone, too). */
  insert(person: Person, waiting?: Waiting): Promise<boolean>
  /** The person in any state; visibility is the caller's to judge. */
  find(id: PersonId, waiting?: Waiting): Promise<Person | null>
  /** Those that exist, in any state and any order. */
  findMany(ids: readonly PersonId[], waiting?: Waiting): Promise<readonly Person[]>
  /**
   * Compare-and-set: applied only if the record's rev is still `rev`, which is raised by one. Answers the new record, or
   * null if it moved on or is absent. A change to `gone` leaves a tombstone: see `PERSON_TOMBSTONE`.
   */
  update(target: PersonAtRev, changes: PersonChanges, waiting?: Waiting): Promise<Person | null>
  /** Clears `dirty` without raising rev, if rev is still the one given. */
  markClean(target: PersonAtRev, waiting?: Waiting): Promise<void>
  /**
   * Makes a person whose record cannot be read a `deleting` one, by its id alone: name, metadata and all else go at once,
   * `updatedAt` stands for its times, and the record can be read again. False if there is none, it can be read, or it is
   * `gone`.
   */
  markUnreadable(
    target: { readonly id: PersonId; readonly updatedAt: number },
    waiting?: Waiting,
  ): Promise<boolean>
  /**
   * Who was merged into one of these persons, at most 1,000, or is about to be: whoever is `merged`, `merging` or `live` and
   * names one of them.
   */
  listMerged(into: readonly PersonId[], waiting?: Waiting): Promise<readonly MergedPerson[]>
  /** Ids of persons that are visible at `nowMs` and answer to the rest of the query, by increasing id after `after`. */
  listIds(
    query: PersonQuery & { readonly after: PersonId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly PersonId[]>
  /**
   * Visible persons at `nowMs`, by decreasing id. `size` at most 1000. Read in portions: one who changes meanwhile may be
   * shown as before or after that, and is left out once invisible.
   */
  list(query: PersonQuery, request: PageRequest, listing?: Listing): Promise<Page<Person>>
  /**
   * Where the visible persons stand that answer to the query, in the order of `sort`, after the given place; `limit` at most
   * 1001. A place that nobody has any more is as good as any. Who is not written to keeps their place.
   */
  listSorted(query: SortedPersonQuery, waiting?: Waiting): Promise<readonly PersonPlace[]>
}

/** A person, as long as nobody has written to its record since it was read. */
export interface PersonAtRev {
  readonly id: PersonId
  readonly rev: number
}

export interface MergedPerson {
  readonly id: PersonId
  readonly mergedInto: PersonId
  readonly state: 'live' | 'merging' | 'merged'
}

/** Milliseconds since the epoch. */
export interface TimeRange {
  /** Inclusive. */
  readonly fromMs: number
  /** Exclusive. */
  readonly toMs: number
}

/** All that is given must hold. Names and what they begin with are compared by `comparedName`, external ids exactly, metadata by `metadataTerms`. */
export interface PersonQuery {
  readonly groupId?: GroupId
  readonly name?: string
  /** What the name begins with; not empty. */
  readonly namePrefix?: string
  readonly created?: TimeRange
  readonly updated?: TimeRange
  readonly externalId?: string
  readonly metadata?: readonly MetadataFilter[]
  readonly nowMs: number
}

/** Persons with the same value follow in the order of their ids, in the same direction. */
export interface PersonSort {
  /** Names are in the order of the code points of their `comparedName`. */
  readonly by: 'createdAt' | 'updatedAt' | 'name'
  readonly isDescending: boolean
}

/** Where a person stands in a sorted list. */
export interface PersonPlace {
  /** Milliseconds since the epoch, or the `comparedName`. */
  readonly value: number | string
  readonly id: PersonId
}

export interface SortedPersonQuery extends PersonQuery {
  readonly sort: PersonSort
  /** Null: from the beginning. */
  readonly after: PersonPlace | null
  /** So many are left out at the beginning; 0 by default. For lists from the beginning alone, where `after` is null. */
  readonly skip?: number
  readonly limit: number
}
