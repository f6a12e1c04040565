import type { Descriptor } from '../descriptor.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import type { Waiting } from './waiting.ts'

/** What a search may filter by, copied from the person; `rev` tells late writers from current ones. */
export interface IndexPayload {
  readonly personId: PersonId
  readonly groups: readonly GroupId[]
  readonly name: string
  readonly externalId: string | null
  readonly rev: number
}

export interface IndexEntry {
  readonly imageId: ImageId
  readonly descriptor: Descriptor
  readonly payload: IndexPayload
}

/**
 * The comparison is exact and case-sensitive; names, here and in the payload, are `comparedName`s. `in` with no
 * values matches nobody; `nin` matches a person without the field.
 */
export interface FieldFilter {
  readonly field: 'name' | 'externalId'
  readonly op: 'in' | 'nin'
  readonly values: readonly string[]
}

/** All parts must hold. */
export interface GalleryFilter {
  /** The person is a member of at least one of these; null: the whole gallery. */
  readonly groups: readonly GroupId[] | null
  readonly field: FieldFilter | null
  /** The person is one of these, each named once; left out or null: anybody. */
  readonly persons?: readonly PersonId[] | null
}

export interface IndexQuery {
  readonly filter: GalleryFilter
  /** Inclusive, -1..1; compared after rounding to 1e-6. */
  readonly minCosine: number
  /** The most persons that are answered. */
  readonly limit: number
  /** The most images of each person, best first. */
  readonly imagesPerPerson: number
  /** Persons already judged by the caller, who asks for the next ones. */
  readonly exclude: readonly PersonId[]
}

/** One of several that are searched with in one go. */
export interface IndexProbe {
  readonly descriptor: Descriptor
  /** Persons whom this probe does not ask for. */
  readonly exclude: readonly PersonId[]
}

/** What all of them ask for: the best image of each person. */
export type ManyQuery = Pick<IndexQuery, 'filter' | 'minCosine' | 'limit'>

export interface SampleQuery {
  readonly filter: GalleryFilter
  /** Images, 1 to 1,000. */
  readonly limit: number
}

/** For work that nobody waits for. */
export interface GivingWay extends Waiting {
  /** Awaited between two parts of the work, of some milliseconds each: so more urgent work comes first. */
  readonly giveWay?: () => Promise<void>
}

export interface Candidate {
  readonly personId: PersonId
  readonly imageId: ImageId
  /** -1..1 on the 1e-6 grid. */
  readonly cosine: number
}

/** One person of a candidate list: its best images, at least one, best first. */
export interface CandidatePerson {
  readonly personId: PersonId
  readonly images: readonly Candidate[]
}

/**
 * The gallery's vectors: a derived copy, always rebuildable from the RecordStore. It nominates; callers check what
 * it says against the store. An unreachable index throws E_INDEX_UNAVAILABLE.
 */
export interface DescriptorIndex {
  /**
   * An entry is findable once this resolves. It replaces one of the same image id, payload and all; but it is passed
   * over if the one there is of the same person with a greater rev, for then a paused writer has woken up.
   */
  upsert(entries: readonly IndexEntry[], waiting?: Waiting): Promise<void>
  /** Rewrites the payload of all vectors of the person whose payload has a smaller rev. */
  updatePayload(payload: IndexPayload, waiting?: Waiting): Promise<void>
  /** The images are not findable once this resolves; ids that are not there are fine. */
  remove(imageIds: readonly ImageId[], waiting?: Waiting): Promise<void>
  /**
   * Finds distinct persons, best image first, completely: fewer than `limit` only if no other person is at or above
   * `minCosine` under the filter. Ties by smaller person id, and among a person's images by smaller image id. The
   * filter acts inside the search, never after the cut.
   */
  search(probe: Descriptor, query: IndexQuery, waiting?: Waiting): Promise<readonly CandidatePerson[]>
  /**
   * As `search` of each of these probes, in their order, with less work for each: an index that scans compares many with
   * each row that it reads. What is written meanwhile may or may not be seen.
   */
  searchMany(
    probes: readonly IndexProbe[],
    query: ManyQuery,
    waiting?: GivingWay,
  ): Promise<readonly (readonly CandidatePerson[])[]>
  /** Ids by increasing order after `after`; for comparing index and store. */
  listImageIds(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly ImageId[]>
  count(waiting?: Waiting): Promise<number>
  /** How many images a search with this filter compares the probe with. */
  countMatching(filter: GalleryFilter, waiting?: Waiting): Promise<number>
  /**
   * Whose so many of the images are that `countMatching` counts, spread over all of them or at random; whose each is, where
   * there are no more. Somebody is named once for each image.
   */
  sampleMatching(query: SampleQuery, waiting?: Waiting): Promise<readonly PersonId[]>
  check(waiting?: Waiting): Promise<void>
  close(): Promise<void>
}
