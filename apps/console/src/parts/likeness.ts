/** The share of comparisons of different people that are nearer than distance 1: how the server's scale is made. */
const RATE_AT_ONE = 1e-5

export type Nearness = 'same' | 'near' | 'edge' | 'far'

/** In words, so that a score needs no colour. The bounds lie around the operating point, distance 1. */
export function nearnessOf(distance: number): Nearness {
  if (distance <= 0.75) return 'same'
  if (distance <= 1) return 'near'
  return distance <= 1.05 ? 'edge' : 'far'
}

/**
 * The share of strangers, 0..1, for whom some picture lies within distance 1, among so many pictures: an upper bound for
 * whatever is nearer, a lower one for whatever is farther.
 */
export function strangersWithinOne(pictures: number): number {
  return -Math.expm1(pictures * Math.log1p(-RATE_AT_ONE))
}
