import type { Face } from '../ports/face-engine.ts'
import { type SignName, type SignValues, signsOf } from './face-signs.ts'

/** What of a face may be bad, each 0 (as bad as it gets) to 100 (no better is to be had from it). */
export const QUALITY_PARTS = [
  'size',
  'sharpness',
  'exposure',
  'pose',
  'covering',
  'detection',
  'landmarks',
  'agreement',
  'norm',
] as const
export type QualityPart = (typeof QUALITY_PARTS)[number]

/** How well a face can be compared. */
export interface FaceQuality {
  /**
   * 0 to 100, to a tenth: of so many in a hundred comparisons with another photo of the person, the pack's model says that
   * they come within distance 1.
   */
  readonly value: number
  readonly parts: Readonly<Record<QualityPart, number>>
  /**
   * 0 to 1, to a hundredth: how sure it is that a bar, a mask or noise lies on the face. What lies on two faces makes them alike,
   * whoever they are, and says little of how well each is known by a good photo. Left out: the pack does not tell.
   */
  readonly damage?: number
}

/** What of a face's quality counts where it is compared with another one. */
export interface ComparedQuality {
  /** 0..100; null: nobody knows. */
  readonly quality: number | null
  /** 0..1; null: nobody knows. */
  readonly damage: number | null
}

export function comparedQuality(quality: FaceQuality | undefined): ComparedQuality {
  return { quality: quality?.value ?? null, damage: quality?.damage ?? null }
}

/** A sign that damage is known by: none up to `none` or below, certain from `certain` on. */
export interface DamageTerm {
  readonly sign: SignName
  readonly none: number
  readonly certain: number
}

/** One sign in a pack's model: what it says runs from `worst` (0) to `best` (1), which may be the smaller one. */
export interface QualityTerm {
  readonly sign: SignName
  readonly worst: number
  readonly best: number
  /** Not negative, so that a better sign never makes a worse quality. */
  readonly weight: number
}

/** A logistic regression: the log odds that a comparison fails are the bias and, of each term, the weight times what lacks to its best. */
export interface QualityModel {
  readonly bias: number
  readonly terms: readonly QualityTerm[]
  /** The damage is that of the surest of these; left out: it is not told. */
  readonly damage?: readonly DamageTerm[] | undefined
}

const PART_OF: Readonly<Record<SignName, QualityPart>> = {
  size: 'size',
  fine: 'sharpness',
  coarse: 'sharpness',
  grain: 'sharpness',
  brightness: 'exposure',
  contrast: 'exposure',
  dark: 'exposure',
  light: 'exposure',
  yaw: 'pose',
  pitch: 'pose',
  eyes: 'covering',
  mouth: 'covering',
  flat: 'covering',
  detection: 'detection',
  landmarkPasses: 'landmarks',
  landmarkFit: 'landmarks',
  agreement: 'agreement',
  norm: 'norm',
}

const NOTHING_LACKS = Object.fromEntries(QUALITY_PARTS.map((part) => [part, 100])) as Record<
  QualityPart,
  number
>

/** Null if the pack has no model, or the engine tells no signs. */
export function judgeFace(face: Face, model: QualityModel | undefined): FaceQuality | null {
  const signs = model === undefined ? null : signsOf(face)
  return model === undefined || signs === null ? null : qualityOfSigns(signs, model)
}

/** Each part is that of its worst sign. */
export function qualityOfSigns(signs: SignValues, { bias, terms, damage }: QualityModel): FaceQuality {
  const parts = { ...NOTHING_LACKS }
  let logOdds = bias
  for (const { sign, worst, best, weight } of terms) {
    const goodness = Math.min(1, Math.max(0, (signs[sign] - worst) / (best - worst)))
    const part = PART_OF[sign]
    parts[part] = Math.min(parts[part], Math.round(100 * goodness))
    logOdds += weight * (1 - goodness)
  }
  const value = Math.round(1000 / (1 + Math.exp(logOdds))) / 10
  return { value, parts, ...(damage === undefined ? {} : { damage: damageOf(signs, damage) }) }
}

function damageOf(signs: SignValues, terms: readonly DamageTerm[]): number {
  const shares = terms.map(({ sign, none, certain }) => (signs[sign] - none) / (certain - none))
  return Math.round(100 * Math.min(1, Math.max(0, ...shares))) / 100
}
