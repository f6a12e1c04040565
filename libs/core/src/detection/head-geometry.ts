import type { FivePoints, Point } from '../ports/face-engine.ts'

/** Points of the iBUG scheme of 68: ends of the jaw line beside the ears, and the chin. */
const JAW_START = 0
const JAW_END = 16
const CHIN = 8

export interface HeadSize {
  /** Ear to ear and crown to chin, along the face's own axes, in the unit of the points. */
  readonly width: number
  readonly height: number
}

export function eyeMidPoint([left, right]: FivePoints): Point {
  return { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 }
}

/** The distance between the eyes' centres. */
export function eyesDistance([left, right]: FivePoints): number {
  return Math.hypot(right.x - left.x, right.y - left.y)
}

/** Clockwise turn of the line through the eyes in the picture, degrees, -180..180. */
export function rollOf([left, right]: FivePoints): number {
  return (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI
}

/**
 * No landmark marks the crown. By the classical canon (and ISO/IEC 19794-5's own figure) the eyes lie halfway between
 * crown and chin, so the head is twice as high as the chin is below the eyes.
 * @param contour the 68 points
 * @returns null if the eyes coincide or the points are not the 68
 */
export function headSize(fivePoints: FivePoints, contour: readonly Point[]): HeadSize | null {
  const [start, end, chin] = [contour[JAW_START], contour[JAW_END], contour[CHIN]]
  const eyes = eyesDistance(fivePoints)
  if (start === undefined || end === undefined || chin === undefined || eyes === 0) return null
  const [left, right] = fivePoints
  const across = { x: (right.x - left.x) / eyes, y: (right.y - left.y) / eyes }
  const middle = eyeMidPoint(fivePoints)
  const width = (end.x - start.x) * across.x + (end.y - start.y) * across.y
  const chinBelowEyes = (chin.y - middle.y) * across.x - (chin.x - middle.x) * across.y
  return { width: Math.abs(width), height: 2 * Math.abs(chinBelowEyes) }
}
