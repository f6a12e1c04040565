import { areaOf, centreOf, type ScoredBox } from '../geometry/boxes.ts'

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

/**
 * The coarse look alone is believed from this score on, for a face of at least so many of its pixels. On smaller ones
 * its boxes are less exact: with 40 pixels, which nearly all faces of lfw-dev have, FNIR at FPIR 0.003 rose from 22.8
 * to 24.5 %.
 */
const OBVIOUS_SCORE = 0.9
const OBVIOUS_PX = 56

/**
 * The face that the coarse look settles alone: clear, large, and right where the centre is, so that no other face
 * could be more central. Null if a finer look is needed.
 * @param scale pixels of the coarse look over pixels of the picture
 */
export function obviousFace(boxes: readonly ScoredBox[], picture: Size, scale: number): ScoredBox | null {
  const central = chooseCentralFace(boxes, picture)
  if (central === null || central.score < OBVIOUS_SCORE) return null
  const isLarge = Math.min(central.box.width, central.box.height) * scale >= OBVIOUS_PX
  return isLarge && holdsCentre(central, picture) ? central : null
}

/** The face whose box centre is nearest to the picture's centre; null without faces. */
export function chooseCentralFace(boxes: readonly ScoredBox[], picture: Size): ScoredBox | null {
  const distance = ({ box }: ScoredBox): number => {
    const centre = centreOf(box)
    return Math.hypot(centre.x - picture.width / 2, centre.y - picture.height / 2)
  }
  const nearest = Math.min(...boxes.map(distance))
  const tie = NEAR_TIE * Math.min(picture.width, picture.height)
  const [chosen] = largestFirst(boxes.filter((candidate) => distance(candidate) <= nearest + tie))
  return chosen ?? null
}

function holdsCentre({ box }: ScoredBox, picture: Size): boolean {
  const [x, y] = [picture.width / 2 - box.x, picture.height / 2 - box.y]
  return x >= 0 && y >= 0 && x <= box.width && y <= box.height
}

export function largestFirst(boxes: readonly ScoredBox[]): ScoredBox[] {
  return boxes.toSorted((one, other) => areaOf(other.box) - areaOf(one.box))
}
