import { type Calibration, distanceOf, type Pairing } from './calibration.ts'
import { falseMatchRateAt, type ImpostorTail } from './impostor-tail.ts'

/** How often the faces of two different people are within a distance: a share of all such pairs. */
export interface StrangerRate {
  /** 0..2 */
  readonly distance: number
  /** Above 0, at most 1. */
  readonly rate: number
}

/** For each way in which descriptors are compared, by growing distance and rate. */
export type StrangerRates = Readonly<Record<Pairing, readonly StrangerRate[]>>

/** The tails of a pack over distances instead of cosines; null: nobody has measured them. */
export function strangerRates(
  calibration: Pick<Calibration, Pairing | 'impostorTails'>,
): StrangerRates | null {
  const { impostorTails: tails } = calibration
  if (tails === undefined) return null
  const of = (pairing: Pairing) => ratesOf(tails[pairing], calibration[pairing])
  return { richCheap: of('richCheap'), cheapCheap: of('cheapCheap'), richRich: of('richRich') }
}

/**
 * The distance bends at the operating point, so that is a point of its own: between any two the logarithm of the rate is
 * linear in the distance, as it is in the cosine.
 */
function ratesOf(tail: ImpostorTail, operatingPoint: number): readonly StrangerRate[] {
  const isWithin = tail[0].cosine < operatingPoint && operatingPoint < (tail.at(-1) ?? tail[0]).cosine
  const bend = { cosine: operatingPoint, rate: falseMatchRateAt(operatingPoint, tail) }
  const points = isWithin ? [...tail.filter(({ cosine }) => cosine !== operatingPoint), bend] : [...tail]
  return points
    .map(({ cosine, rate }) => ({ distance: distanceOf(cosine, operatingPoint), rate }))
    .toSorted((a, b) => a.distance - b.distance)
}
