import { type Likeness, likenessOf } from '../calibration.ts'
import { cosineBetween, type Descriptor } from '../descriptor.ts'

/** A face by its picture's position, and its own among that picture's faces. */
export interface FacePosition {
  readonly picture: number
  readonly face: number
}

export interface FaceToCompare extends FacePosition {
  readonly descriptor: Descriptor
  /** It is compared with the other faces of its picture, too. */
  readonly isComparedWithin: boolean
}

export interface Comparison extends Likeness {
  readonly first: FacePosition
  readonly second: FacePosition
}

/**
 * Every pair of faces of different pictures, and of one picture where that is wanted, in the order of `faces`.
 * @param operatingPoint the cosine that gets distance 1
 */
export function compareFaces(faces: readonly FaceToCompare[], operatingPoint: number): readonly Comparison[] {
  return faces.flatMap((one, place) =>
    faces
      .slice(place + 1)
      .filter((other) => isPair(one, other))
      .map((other) => ({
        first: positionOf(one),
        second: positionOf(other),
        ...likenessOf(cosineBetween(one.descriptor, other.descriptor), operatingPoint),
      })),
  )
}

/** How many pairs `compareFaces` would make. */
export function countPairs(faces: readonly Omit<FaceToCompare, 'descriptor'>[]): number {
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
