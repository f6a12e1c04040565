import type { Calibration, Likeness } from '../calibration.ts'
import { cosineBetween, type Descriptor } from '../descriptor.ts'
import { likenessTo, probeOf } from '../identification/probe.ts'

/** A face by its picture's position, and its own among that picture's faces. */
export interface FacePosition {
  readonly picture: number
  readonly face: number
}

export interface FaceToCompare extends FacePosition {
  readonly descriptor: Descriptor
  /** How well it can be compared, 0..100; null: nobody knows. */
  readonly quality: number | null
  /** How sure it is that it is damaged, 0..1; null or left out: nobody knows. */
  readonly damage?: number | null
  /** It is compared with the other faces of its picture, too. */
  readonly isComparedWithin: boolean
}

export interface Comparison extends Likeness {
  readonly first: FacePosition
  readonly second: FacePosition
}

/** Every pair of faces of different pictures, and of one picture where that is wanted, in the order of `faces`. All are cheap. */
export function compareFaces(
  faces: readonly FaceToCompare[],
  calibration: Calibration,
): readonly Comparison[] {
  return faces.flatMap((one, place) => {
    const probe = probeOf(calibration, 'cheapCheap', one)
    return faces
      .slice(place + 1)
      .filter((other) => isPair(one, other))
      .map((other) => {
        const cosine = cosineBetween(one.descriptor, other.descriptor)
        const likeness = likenessTo(probe, { ...other, cosine })
        return { first: positionOf(one), second: positionOf(other), ...likeness }
      })
  })
}

/** How many pairs `compareFaces` would make. */
export function countPairs(
  faces: readonly Omit<FaceToCompare, 'descriptor' | 'quality' | 'damage'>[],
): number {
  const perPicture = Map.groupBy(faces, ({ picture }) => picture)
  let pairs = (faces.length * (faces.length - 1)) / 2
  for (const group of perPicture.values()) {
    if (group[0]?.isComparedWithin === false) pairs -= (group.length * (group.length - 1)) / 2
  }
  return pairs
}

function isPair(one: FaceToCompare, other: FaceToCompare): boolean {
  return one.picture !== other.picture || one.isComparedWithin
}

function positionOf({ picture, face }: FaceToCompare): FacePosition {
  return { picture, face }
}
