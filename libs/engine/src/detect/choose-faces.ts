import { areaOf, centreOf, type ScoredBox } from '../geometry/boxes.ts'
import type { LookResult } from './merge-looks.ts'

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

/** The coarse look alone is believed from this score on, for a face of at least so many of its pixels. */
const OBVIOUS_SCORE = 0.9
const OBVIOUS_PX = 40

/**
 * The face that the coarse look settles alone: clear, large, and right where the centre is, so that no other face
 * could be more central. Null if a finer look is needed.
 */
export function obviousFace(coarse: readonly LookResult[], picture: Size): ScoredBox | null {
  for (const { look, boxes } of coarse) {
    const central = chooseCentralFace(boxes, picture)
    if (central === null || central.score < OBVIOUS_SCORE) continue
    const pixels = Math.min(central.box.width, central.box.height) * (look.size.width / look.region.width)
    if (pixels >= OBVIOUS_PX && holdsCentre(central, picture)) return central
  }
  return null
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
