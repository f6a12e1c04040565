/** How often the faces of two different people come so near: a share of all such pairs. */
export interface TailPoint {
  readonly cosine: number
  /** Above 0, at most 1. */
  readonly rate: number
}

/** At least two points, by increasing cosine and falling rate. Between two of them, the logarithm of the rate is linear. */
export type ImpostorTail = readonly [TailPoint, TailPoint, ...TailPoint[]]

/** The share of pairs of different people that reach this cosine. Beyond its ends the tail goes on as straight as it ended. */
export function falseMatchRateAt(cosine: number, tail: ImpostorTail): number {
  const [from, to] = stretchOf(tail, (point) => point.cosine >= cosine)
  const share = (cosine - from.cosine) / (to.cosine - from.cosine)
  return Math.min(1, from.rate * (to.rate / from.rate) ** share)
}

/** The inverse: the cosine, -1..1, that this share of pairs of different people reaches. */
export function cosineAtRate(rate: number, tail: ImpostorTail): number {
  const [from, to] = stretchOf(tail, (point) => point.rate <= rate)
  const share = Math.log(rate / from.rate) / Math.log(to.rate / from.rate)
  return Math.min(1, Math.max(-1, from.cosine + share * (to.cosine - from.cosine)))
}

/** The two neighbours between which the tail is looked at; at the ends, the outermost ones. */
function stretchOf(
  tail: ImpostorTail,
  isReached: (point: TailPoint) => boolean,
): readonly [TailPoint, TailPoint] {
  const [first, second, ...others] = tail
  let stretch: readonly [TailPoint, TailPoint] = [first, second]
  for (const point of others) {
    if (isReached(stretch[1])) break
    stretch = [stretch[1], point]
  }
  return stretch
}

/**
 * A stranger who is compared with so many images finds somebody in this share of searches, if each comparison is false at
 * this rate and none knows of the others.
 */
export function falsePositiveRate(falseMatchRate: number, images: number): number {
  return -Math.expm1(images * Math.log1p(-Math.min(falseMatchRate, 1 - Number.EPSILON)))
}

/** The inverse: the rate of one comparison at which that share of strangers finds somebody. */
export function falseMatchRateFor(fpir: number, images: number): number {
  return -Math.expm1(Math.log1p(-fpir) / Math.max(1, images))
}
