import type { ImageId, PersonId } from '../ids.ts'

/** What somebody who looked at a pair decided: they are two persons, or to look again. Null: nobody decided yet. */
export const PAIR_DECISIONS = ['keep', 'later'] as const
export type PairDecision = (typeof PAIR_DECISIONS)[number]

/** Two persons who may be one. */
export interface DuplicatePair {
  /** The smaller id of the two. */
  readonly personId: PersonId
  readonly otherId: PersonId
  /** The picture of each in which they are nearest. */
  readonly imageId: ImageId
  readonly otherImageId: ImageId
  /** Of these pictures, 0..2 on the 1e-6 grid. */
  readonly distance: number
}

export interface KeptPair extends DuplicatePair {
  readonly decision: PairDecision | null
}

/** Where a pair stands in the order of pairs: by distance, then by ids. */
export type PairPlace = Pick<DuplicatePair, 'distance' | 'personId' | 'otherId'>

/** The pair with the smaller id first. */
export function pairOf(
  one: { readonly personId: PersonId; readonly imageId: ImageId },
  other: { readonly personId: PersonId; readonly imageId: ImageId },
  distance: number,
): DuplicatePair {
  const [first, second] = one.personId < other.personId ? [one, other] : [other, one]
  return {
    personId: first.personId,
    otherId: second.personId,
    imageId: first.imageId,
    otherImageId: second.imageId,
    distance,
  }
}

/** The pair once one person was merged into another; null if it is of just these two. */
export function movedPair(
  { personId, otherId, imageId, otherImageId, distance }: DuplicatePair,
  { from, to }: { readonly from: PersonId; readonly to: PersonId },
): DuplicatePair | null {
  const [one, other] = [
    { personId: personId === from ? to : personId, imageId },
    { personId: otherId === from ? to : otherId, imageId: otherImageId },
  ]
  return one.personId === other.personId ? null : pairOf(one, other, distance)
}

/** Whether the one stands behind the other in the order of pairs. */
export function pairPlaceIsAfter(one: PairPlace, other: PairPlace): boolean {
  if (one.distance !== other.distance) return one.distance > other.distance
  if (one.personId !== other.personId) return one.personId > other.personId
  return one.otherId > other.otherId
}
