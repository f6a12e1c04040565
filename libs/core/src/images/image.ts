import type { Descriptor } from '../descriptor.ts'
import type { ImageId, PersonId } from '../ids.ts'

/**
 * `pending` until picture and vector are in place; `gone` is a tombstone of id, person and times only; `erased` is
 * the same tombstone after picture and vector were erased once more, lest a paused writer had put them back.
 */
export type ImageState = 'pending' | 'ready' | 'deleting' | 'gone' | 'erased'

/** An enrolled picture without its descriptor: what lists and hits need. */
export interface Image {
  readonly id: ImageId
  readonly personId: PersonId
  readonly state: ImageState
  /** The type as judged by content, for instance `image/jpeg`. */
  readonly contentType: string
  /** Size of the stored picture. */
  readonly bytes: number
  /** Lower-case hex over the stored picture. */
  readonly sha256: string
  readonly createdAt: number
  /** How well its face can be compared, 0 to 100; null: nobody judged it, as in earlier versions. See `FaceQuality`. */
  readonly quality: number | null
  /** How sure it is that its face is damaged, 0 to 1; null or left out: nobody knows. See `FaceQuality`. */
  readonly damage?: number | null
}

/** The whole record. The descriptor is inside, so that the index can always be rebuilt from the store alone. */
export interface EnrolledImage extends Image {
  readonly descriptor: Descriptor
}
