import type { ImageId, PackId, PersonId } from '../ids.ts'

/** The packs of whose descriptors a gallery has some. At most two at a time. */
export interface GalleryPacks {
  /** The one whose descriptors searches compare. */
  readonly serving: PackId
  /**
   * One that every new picture is described by as well, and that is searched by nobody: it is to serve later, or it served
   * before and may serve again.
   */
  readonly other: PackId | null
  /** A number that each change raises by one; 0 before the first. */
  readonly rev: number
}

/** Whether descriptors of more than one pack were ever noted. If not, those of its images are all of the pack that serves. */
export function hasMoved(packs: GalleryPacks | null): boolean {
  return packs !== null && packs.rev > 0
}

/** Why an image has no descriptor of a pack, although its picture was looked at. */
export const UNDESCRIBED_REASONS = [
  /** The pack's detector finds none. */
  'no-face',
  /** What it finds is not the face that was enrolled, none of several included. */
  'other-face',
  'picture-missing',
  /** Its bytes are not those that were enrolled. */
  'picture-damaged',
  /** It can no longer be decoded, or has more pixels than are allowed now. */
  'undecodable',
  /** The networks failed on it, several times. */
  'failed',
] as const
export type UndescribedReason = (typeof UNDESCRIBED_REASONS)[number]

export interface UndescribedImage {
  readonly imageId: ImageId
  readonly personId: PersonId
  readonly why: UndescribedReason
}
