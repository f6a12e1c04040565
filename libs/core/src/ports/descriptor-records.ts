import type { Descriptor } from '../descriptor.ts'
import type { ImageId, PackId } from '../ids.ts'
import type { UndescribedImage, UndescribedReason } from '../packs/gallery-packs.ts'
import type { EnrolledRow } from './image-records.ts'
import type { Waiting } from './waiting.ts'

/** What came of describing an image by a pack that it was not enrolled with. */
export type DescriptorNote = {
  readonly imageId: ImageId
  readonly packId: PackId
} & (
  | {
      readonly values: Float32Array
      /**
       * How good the face is by this pack, kept with the descriptor: see `ImageRecords.findJudged`. An image that was enrolled
       * without a quality gets it as its own. Left out or null: the pack does not tell.
       */
      readonly quality?: number | null | undefined
      /** 0..1; see `FaceQuality`. Goes with the quality. */
      readonly damage?: number | null | undefined
      readonly why?: undefined
    }
  | {
      readonly why: UndescribedReason
      readonly values?: undefined
      readonly quality?: undefined
      readonly damage?: undefined
    }
)

/**
 * Descriptors of enrolled images by pack. An image record has the one that it was enrolled with, its own; what other packs
 * made of the picture is noted beside it, and goes with it: a move of the image to a tombstone takes all notes away, in the
 * same step. See `RecordStore`.
 */
export interface DescriptorRecords {
  /**
   * Takes the place of an earlier note of that pack. False, and nothing is written, unless the image is `pending` or `ready`:
   * so whoever was late leaves nothing of a deleted one.
   */
  note(note: DescriptorNote, waiting?: Waiting): Promise<boolean>
  /** The image's own descriptor, or a noted one; null if it has none of this pack. */
  find(target: Pick<DescriptorNote, 'imageId' | 'packId'>, waiting?: Waiting): Promise<Descriptor | null>
  /** As `ImageRecords.scanEnrolled`, with the descriptors and qualities of this pack; images that have none of it are left out. */
  scan(query: PackQuery, waiting?: Waiting): Promise<readonly EnrolledRow[]>
  /** `ready` images that nobody has described by this pack, in parts: see `LackingPage`. */
  listLacking(query: PackQuery, waiting?: Waiting): Promise<LackingPage>
  /** `ready` images of which it is noted why they have no descriptor of this pack, by increasing id after `after`. */
  listUndescribed(query: PackQuery, waiting?: Waiting): Promise<readonly UndescribedImage[]>
  countUndescribed(packId: PackId, waiting?: Waiting): Promise<number>
  /** Some `ready` images, at most `limit`, taken from all over the gallery. */
  sampleIds(query: { readonly limit: number }, waiting?: Waiting): Promise<readonly ImageId[]>
  /**
   * Descriptors of other packs go, of at most `limit` images; what this pack made of them becomes their own, and so does its
   * quality, if it told one. An image that it made nothing of keeps its own. Answers how many images changed: with 0 there is nothing left to do.
   */
  keepOnly(query: { readonly packId: PackId; readonly limit: number }, waiting?: Waiting): Promise<number>
}

export interface PackQuery {
  readonly packId: PackId
  readonly after: ImageId | null
  readonly limit: number
}

/** A part of a list that is read by passing over what does not belong to it: it may be short, even empty, before the end. */
export interface LackingPage {
  /** At most `limit`, by increasing id. */
  readonly ids: readonly ImageId[]
  /** Go on after this one; null: there is nothing behind. */
  readonly last: ImageId | null
}
