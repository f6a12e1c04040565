import type { components } from '@semblance/client'

export type Nearness = 'same' | 'near' | 'edge' | 'far'

/** In words, so that a score needs no colour. The bounds lie around the operating point, distance 1. */
export function nearnessOf(distance: number): Nearness {
  if (distance <= 0.75) return 'same'
  if (distance <= 1) return 'near'
  return distance <= 1.05 ? 'edge' : 'far'
}

/** How often strangers come how near, by growing distance, as the server tells it of its model pack. */
export type StrangerRates = NonNullable<components['schemas']['System']['pack']['strangers']>['search']

/** What is known of the rate of any pack, by how the server's scale is made: the point at distance 1, and nothing else. */
const UNMEASURED: StrangerRates = [{ distance: 1, rate: 1e-5 }]
/** Of what is rarer nobody has seen enough to tell how rare it is. */
const RAREST = 1e-6

/** How often something happens, rounded to what is known of it. `fewer` and `more` are bounds that hold. */
export interface Frequency {
  readonly bound: 'about' | 'fewer' | 'more'
  /** So many each time; so many times in ten; once in so many times; nearly each time. */
  readonly kind: 'several' | 'tenths' | 'one-in' | 'always'
  readonly number: number
}

/**
 * How often somebody who is not enrolled is so near to any of so many pictures, or nearer. Each picture counts as a comparison
 * of its own. Nearer than the server's last point nothing is known but that it is rarer still; beyond its first one the curve
 * goes on as straight as it ended.
 * @param rates left out: nobody has measured how strangers compare
 */
export function strangersWithin(distance: number, pictures: number, rates?: StrangerRates): Frequency | null {
  if (pictures === 0) return null
  const points = rates ?? UNMEASURED
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return null
  if (distance < first.distance || points.length === 1) {
    const bound = distance > first.distance ? 'more' : 'fewer'
    return said(pictures * first.rate, bound)
  }
  return said(pictures * rateAt(distance, points), 'about')
}

function rateAt(distance: number, points: StrangerRates): number {
  const next = points.findIndex((point) => point.distance >= distance)
  const upper = Math.max(1, next === -1 ? points.length - 1 : next)
  const [from, to] = [points[upper - 1], points[upper]]
  if (from === undefined || to === undefined) return 1
  const share = (distance - from.distance) / (to.distance - from.distance)
  return Math.min(1, from.rate * (to.rate / from.rate) ** share)
}

/** @param expected how many strangers there are each time, on average */
function said(expected: number, bound: Frequency['bound']): Frequency {
  if (expected >= 1.5) return { bound, kind: 'several', number: rounded(expected, bound) }
  const share = -Math.expm1(-expected)
  if (expected > 0.95) return { bound, kind: 'always', number: 1 }
  if (share >= 0.1) return { bound, kind: 'tenths', number: rounded(10 * share, bound) }
  if (share < RAREST) return { bound: 'fewer', kind: 'one-in', number: 1 / RAREST }
  // Fewer than one in 300 is more than one in 400.
  const turned = bound === 'about' ? bound : bound === 'fewer' ? 'more' : 'fewer'
  return { bound, kind: 'one-in', number: rounded(1 / share, turned) }
}

/** To one digit that counts, to two behind a 1: the curve itself is no better. */
function rounded(value: number, bound: Frequency['bound']): number {
  const power = 10 ** Math.floor(Math.log10(value))
  const step = value / power < 2 ? power / 10 : power
  const whole = Math.max(1, step)
  const round = bound === 'about' ? Math.round : bound === 'fewer' ? Math.ceil : Math.floor
  return Math.max(1, round(value / whole) * whole)
}
