import type { ComparedQuality } from './detection/face-quality.ts'

/** Of a pair of faces by the quality of the better one: how much more alike they must be. */
export interface ShiftPoint {
  /** 0..100; see `FaceQuality`. */
  readonly quality: number
  /** Cosine, not negative, on top of the operating point. */
  readonly shift: number
}

/**
 * Strangers come nearer each other where both faces are bad, since what is bad about them is alike. So the operating point rises as
 * the quality of the better face falls. By rising quality and falling shift, 0 at the last point; between two points in a straight line.
 */
export type QualityShift = readonly [ShiftPoint, ...ShiftPoint[]]

type Quality = number | null | undefined

/** 0 where nobody knows how good one of the faces is. */
export function shiftOf(table: QualityShift | undefined, one: Quality, other: Quality): number {
  if (table === undefined || one == null || other == null) return 0
  const better = Math.max(one, other)
  const [worst] = table
  const above = table.findIndex(({ quality }) => quality >= better)
  if (above === 0) return worst.shift
  const [from, to] = [table[above - 1], table[above]]
  if (from === undefined || to === undefined) return 0
  const share = (better - from.quality) / (to.quality - from.quality)
  return from.shift + share * (to.shift - from.shift)
}

/** What is known of a face that is compared; null or left out: nobody knows. */
export type KnownQuality = { readonly [Name in keyof ComparedQuality]?: number | null | undefined }

/** What of a pack's calibration depends on what is bad about both faces. */
export interface PairShift {
  readonly qualityShift?: QualityShift | undefined
  /** Cosine, not negative, for two faces that are certainly damaged; in proportion to the damage of the less damaged one. */
  readonly damageShift?: number | undefined
}

/** Both shifts added up; each is 0 where nobody knows how good, or how damaged, one of the faces is. */
export function pairShift(
  { qualityShift, damageShift }: PairShift,
  one: KnownQuality,
  other: KnownQuality,
): number {
  const damage = Math.min(one.damage ?? 0, other.damage ?? 0)
  return shiftOf(qualityShift, one.quality, other.quality) + (damageShift ?? 0) * damage
}
