import type { QualityModel, QualityTerm } from '@semblance/core'
import type { SeenPhoto } from './damaged-photos.ts'

/** A photo against the clean one of its person that is enrolled. */
export interface MatedPair {
  readonly photo: SeenPhoto & { readonly face: NonNullable<SeenPhoto['face']> }
  readonly enrolled: NonNullable<SeenPhoto['face']>
  /** They do not come within distance 1. */
  readonly isMiss: boolean
}

/** Which end of a sign is bad, and between which shares of all faces what it says counts: all but the outermost. */
const RISING = [
  'fine',
  'coarse',
  'brightness',
  'contrast',
  'size',
  'eyes',
  'mouth',
  'detection',
  'agreement',
  'norm',
] as const
const FALLING = ['grain', 'dark', 'light', 'yaw', 'pitch', 'landmarkPasses', 'landmarkFit'] as const
const [WORST, BEST] = [0.005, 0.9]

/** Damaged photos weigh so much of all; the others are as they come. */
const DAMAGED_SHARE = 0.2
const ROUNDS = 2500
const STEP = 0.3
/** Keeps weights small that nothing speaks for. */
const SHRINKING = 0.0003
/** Weights below say nothing. */
const LEAST_WEIGHT = 0.05

/** Logistic regression with weights from 0 up, by gradient descent (AdaGrad). The same pairs give the same model. */
export function fitQuality(pairs: readonly MatedPair[]): QualityModel {
  const terms = termsOf(pairs)
  const shares = sharesOf(pairs)
  const width = terms.length
  const lacks = Float64Array.from(
    pairs.flatMap(({ photo }) => terms.map((term) => lackOf(photo.face.signs[term.sign], term))),
  )
  const weights = new Float64Array(width).fill(0.5)
  const squares = new Float64Array(width + 1).fill(1e-6)
  let bias = -4
  const stepOf = (at: number, slope: number) => {
    squares[at] = (squares[at] ?? 0) + slope * slope
    return (STEP * slope) / Math.sqrt(squares[at] ?? 1)
  }
  for (let round = 0; round < ROUNDS; round++) {
    const slopes = new Float64Array(width)
    let slope = 0
    for (let at = 0; at < pairs.length; at++) {
      let odds = bias
      for (let term = 0; term < width; term++) odds += (weights[term] ?? 0) * (lacks[at * width + term] ?? 0)
      const error = (1 / (1 + Math.exp(-odds)) - (pairs[at]?.isMiss ? 1 : 0)) * (shares[at] ?? 0)
      slope += error
      for (let term = 0; term < width; term++)
        slopes[term] = (slopes[term] ?? 0) + error * (lacks[at * width + term] ?? 0)
    }
    bias -= stepOf(width, slope)
    for (let term = 0; term < width; term++) {
      const weight = weights[term] ?? 0
      weights[term] = Math.max(0, weight - stepOf(term, (slopes[term] ?? 0) + SHRINKING * weight))
    }
  }
  const kept = terms.map((term, at) => ({ ...term, weight: rounded(weights[at] ?? 0) }))
  return {
    bias: rounded(bias),
    terms: kept.map((term) => (term.weight < LEAST_WEIGHT ? { ...term, weight: 0 } : term)),
  }
}

/** Of a pair: what each of the photos counts among all, with the damaged ones at their share. */
export function sharesOf(pairs: readonly Pick<MatedPair, 'photo'>[]): readonly number[] {
  const clean = pairs.filter(({ photo }) => photo.kind === 'clean').length
  return pairs.map(({ photo }) =>
    photo.kind === 'clean' ? (1 - DAMAGED_SHARE) / clean : DAMAGED_SHARE / (pairs.length - clean),
  )
}

function termsOf(pairs: readonly MatedPair[]): readonly Omit<QualityTerm, 'weight'>[] {
  const sorted = (sign: QualityTerm['sign']) =>
    pairs.map(({ photo }) => photo.face.signs[sign]).toSorted((one, other) => one - other)
  const at = (values: readonly number[], share: number) =>
    rounded(values[Math.floor(share * (values.length - 1))] ?? 0)
  return [
    ...RISING.map((sign) => ({ sign, worst: at(sorted(sign), WORST), best: at(sorted(sign), BEST) })),
    ...FALLING.map((sign) => ({
      sign,
      worst: at(sorted(sign), 1 - WORST),
      best: at(sorted(sign), 1 - BEST),
    })),
  ]
}

function lackOf(value: number, { worst, best }: Omit<QualityTerm, 'weight'>): number {
  return 1 - Math.min(1, Math.max(0, (value - worst) / (best - worst)))
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
