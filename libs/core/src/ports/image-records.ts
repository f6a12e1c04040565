import type { ImageId, PackId, PersonId } from '../ids.ts'
import type { EnrolledImage, Image, ImageState } from '../images/image.ts'
import type { Page, PageRequest } from '../page.ts'
import type { Person } from '../persons/person.ts'
import type { Waiting } from './waiting.ts'

/**
 * Image records with their descriptors; the pictures themselves are in `ImageStore`. See `RecordStore`. A record names the
 * person that the image was added to, for good. Whose it is since that person was merged into another one is the business of
 * `persons/merged-persons.ts`, and of `scanEnrolled`.
 */
export interface ImageRecords {
  /** False if the id exists, in whatever state. */
  insert(image: EnrolledImage, waiting?: Waiting): Promise<boolean>
  /** The image in any state, with its descriptor (empty for a tombstone). */
  find(id: ImageId, waiting?: Waiting): Promise<EnrolledImage | null>
  findMany(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly Image[]>
  /**
   * The same, with quality and damage as this pack told them of images that it described beside their own pack: what distances by
   * this pack depend on. Those of which it told none are as their records have them.
   */
  findJudged(
    query: { readonly ids: readonly ImageId[]; readonly packId: PackId },
    waiting?: Waiting,
  ): Promise<readonly Image[]>
  /** Those of these ids that have a record, readable or not: what cannot be read is not absent, let alone deleted. */
  recordedIds(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly ImageId[]>
  /** Those of these persons, at most 1,000, who have a `ready` image. */
  ownersAmong(ids: readonly PersonId[], waiting?: Waiting): Promise<readonly PersonId[]>
  /** How many `ready` images these persons have together, at most 1,000 of them. */
  countOf(ids: readonly PersonId[], waiting?: Waiting): Promise<number>
  /**
   * Compare-and-set on the state; false if it was in none of `from`. A move to `gone` or `erased` leaves a tombstone: see
   * `IMAGE_TOMBSTONE`.
   */
  move(id: ImageId, move: ImageMove, waiting?: Waiting): Promise<boolean>
  /** Makes an image of this person whose record cannot be read a `deleting` one. False as for a person. */
  markUnreadable(
    target: { readonly id: ImageId; readonly personId: PersonId },
    waiting?: Waiting,
  ): Promise<boolean>
  /** `ready` ones of these persons, by decreasing id. `size` at most 1000, which is half a megabyte: one portion. */
  list(personIds: readonly PersonId[], request: PageRequest, waiting?: Waiting): Promise<Page<Image>>
  /** Every image of a person that is neither `gone` nor `erased`, readable or not: what a delete has to erase. */
  listIds(personId: PersonId, waiting?: Waiting): Promise<readonly ImageId[]>
  /**
   * `ready` images with the live person whose they are, by increasing id after `after`: feeds an index. Of images of somebody
   * who was merged, that is whom they were merged into, in the end.
   */
  scanEnrolled(
    query: { readonly after: ImageId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly EnrolledRow[]>
}

export interface ImageMove {
  readonly from: readonly ImageState[]
  readonly to: ImageState
}

/** One row of an index to be built. */
export interface EnrolledRow {
  readonly image: EnrolledImage
  readonly person: Person
}
