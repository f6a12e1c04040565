import type { FivePoints } from '@semblance/core'

/** Points of one face found from two boxes lie this near, as a share of the distance between the eyes. */
const SAME_FACE = 0.4

export interface PlacedFace {
  /** The detector's score, 0..1. */
  readonly score: number
  readonly fivePoints: FivePoints
}

/**
 * Each face once, in the order given, by the better of its boxes. Two boxes may overlap too little to be taken for one
 * face, most often on a tilted head; the landmark network then finds the same points from both.
 */
export function distinctFaces<T extends PlacedFace>(faces: readonly T[]): T[] {
  return faces.filter(
    (face, index) => !faces.some((other, at) => isBetterTwin({ other, at }, { face, index })),
  )
}

function isBetterTwin(
  { other, at }: { readonly other: PlacedFace; readonly at: number },
  { face, index }: { readonly face: PlacedFace; readonly index: number },
): boolean {
  const isBetter = other.score > face.score || (other.score === face.score && at < index)
  return isBetter && distanceBetween(other.fivePoints, face.fivePoints) < SAME_FACE * sizeOf(face.fivePoints)
}

/** Mean distance between corresponding points. */
function distanceBetween(one: FivePoints, other: FivePoints): number {
  const distances = one.map(({ x, y }, index) =>
    Math.hypot(x - (other[index]?.x ?? 0), y - (other[index]?.y ?? 0)),
  )
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length
}

/** The distance between the eyes, or in profile between eyes and mouth. */
function sizeOf([left, right, , leftMouth]: FivePoints): number {
  return Math.max(
    Math.hypot(right.x - left.x, right.y - left.y),
    Math.hypot(leftMouth.x - left.x, leftMouth.y - left.y),
  )
}
