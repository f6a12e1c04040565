import type { Face, FivePoints, Point } from '../ports/face-engine.ts'
import { eyesDistance } from './head-geometry.ts'
import { headTurn } from './head-pose.ts'

/** What is told of a face by how it looks to the networks, each a number that says little by itself. */
export const SIGN_NAMES = [
  /** Pixels between the eyes, as a power of 2. */
  'size',
  /** Fine and coarse detail, and the fine by the coarse: much of it is noise. */
  'fine',
  'coarse',
  'grain',
  /** Mean brightness and contrast, 0..1; shares that are black and white. */
  'brightness',
  'contrast',
  'dark',
  'light',
  /** Degrees from straight ahead. */
  'yaw',
  'pitch',
  /** Detail of the eyes and of the mouth, by that of the whole face. */
  'eyes',
  'mouth',
  /** How flat the flattest rows are: bars. */
  'flat',
  /** The detector's logit. */
  'detection',
  /** By the eye distance: how far the two looks at the landmarks are apart, and the five points from a mean face. */
  'landmarkPasses',
  'landmarkFit',
  /** Of the first recognizer: how alike it finds face and mirror image, and the length of its features. */
  'agreement',
  'norm',
] as const
export type SignName = (typeof SIGN_NAMES)[number]

export type SignValues = Readonly<Record<SignName, number>>

/** The points of the ArcFace template, 112 pixels wide: where they are on a mean face that looks straight ahead. */
const MEAN_FACE: FivePoints = [
  { x: 38.2946, y: 51.6963 },
  { x: 73.5318, y: 51.5014 },
  { x: 56.0252, y: 71.7366 },
  { x: 41.5493, y: 92.3655 },
  { x: 70.7299, y: 92.2041 },
]

/** A logit beyond tells no more; the score is rounded to 1 there. */
const MOST_LOGIT = 10

/** Null for a face of an engine that does not tell its signs. */
export function signsOf(face: Face): SignValues | null {
  const { signs, landmarks, score, landmarkDisagreement } = face
  if (signs === undefined) return null
  const { chip, contour, norms, agreements } = signs
  const turn = headTurn(contour)
  const eyes = eyesDistance(landmarks)
  return {
    size: Math.log2(Math.max(1, eyes)),
    fine: chip.fine,
    coarse: chip.coarse,
    grain: chip.fine / Math.max(chip.coarse, 0.01),
    brightness: chip.mean,
    contrast: chip.deviation,
    dark: chip.dark,
    light: chip.light,
    yaw: Math.abs(turn?.yaw ?? 0),
    pitch: Math.abs(turn?.pitch ?? 0),
    eyes: chip.eyes,
    mouth: chip.mouth,
    flat: chip.flat,
    detection: logitOf(score),
    landmarkPasses: landmarkDisagreement ?? 0,
    landmarkFit: distanceToMeanFace(landmarks),
    agreement: agreements[0] ?? 1,
    norm: norms[0] ?? 0,
  }
}

function logitOf(probability: number): number {
  const odds = probability / Math.max(1 - probability, Number.EPSILON)
  return Math.min(MOST_LOGIT, Math.max(-MOST_LOGIT, Math.log(Math.max(odds, Number.EPSILON))))
}

/** Root of the mean square distance after the best similarity transform, by the mean face's eye distance. */
function distanceToMeanFace(points: FivePoints): number {
  const [from, to] = [centred(points), centred(MEAN_FACE)]
  const norm = from.reduce((sum, { x, y }) => sum + x * x + y * y, 0)
  if (norm === 0) return 1
  let [a, b] = [0, 0]
  for (const [at, { x, y }] of from.entries()) {
    const wanted = to[at] ?? { x: 0, y: 0 }
    a += (x * wanted.x + y * wanted.y) / norm
    b += (x * wanted.y - y * wanted.x) / norm
  }
  const squares = from.reduce((sum, { x, y }, at) => {
    const wanted = to[at] ?? { x: 0, y: 0 }
    return sum + (a * x - b * y - wanted.x) ** 2 + (b * x + a * y - wanted.y) ** 2
  }, 0)
  return Math.sqrt(squares / from.length) / eyesDistance(MEAN_FACE)
}

function centred(points: readonly Point[]): readonly Point[] {
  const x = points.reduce((sum, point) => sum + point.x, 0) / points.length
  const y = points.reduce((sum, point) => sum + point.y, 0) / points.length
  return points.map((point) => ({ x: point.x - x, y: point.y - y }))
}
