import { areaOf, centreOf, type ScoredBox } from '../../geometry/boxes.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/**
 * Faces about as near to the centre as the nearest one, by this share of the picture's shorter side, count as equally
 * central, and the largest of them is taken: a spurious or background face right at the centre must not win over the
 * person whose portrait it is.
 */
const NEAR_TIE = 0.1

/** The face whose box centre is nearest to the picture's centre; null without faces. */
export function chooseCentralFace<T extends ScoredBox>(boxes: readonly T[], picture: Size): T | null {
  const distance = ({ box }: ScoredBox): number => {
    const centre = centreOf(box)
    return Math.hypot(centre.x - picture.width / 2, centre.y - picture.height / 2)
  }
  const nearest = Math.min(...boxes.map(distance))
  const tie = NEAR_TIE * Math.min(picture.width, picture.height)
  const [chosen] = largestFirst(boxes.filter((candidate) => distance(candidate) <= nearest + tie))
  return chosen ?? null
}

export function largestFirst<T extends ScoredBox>(boxes: readonly T[]): T[] {
  return boxes.toSorted((one, other) => areaOf(other.box) - areaOf(one.box))
}
