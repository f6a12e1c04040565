import { roundCosine } from './descriptor.ts'
import type { ImpostorTail } from './impostor-tail.ts'
import type { PairShift } from './quality-shift.ts'

/**
 * Scales of the wire contract, independent of the model: `distance` 0..2 (0 identical, 1 the operating point,
 * 2 opposite) and `similarity` 0..1 (0.75 at the operating point). See docs/scores.md.
 */
export interface Calibration extends PairShift {
  /**
   * The operating point of a search (c0 in docs/scores.md): the cosine at a false match rate of 1e-5, a descriptor made
   * at enrollment against one made for a search.
   */
  readonly richCheap: number
  /** The operating point of a match of two pictures, both described for a search. */
  readonly cheapCheap: number
  /** The operating point of a search by an enrolled person or image, both described at enrollment. */
  readonly richRich: number
  /** How often strangers come how near, for each of the three. Left out: nobody has measured it. */
  readonly impostorTails?: Readonly<Record<Pairing, ImpostorTail>> | undefined
}

/** How the two descriptors that are compared were made: each at enrollment (rich) or for a search (cheap). */
export type Pairing = 'richCheap' | 'cheapCheap' | 'richRich'

/** @param operatingPoint the cosine that gets distance 1 */
export function distanceOf(cosine: number, operatingPoint: number): number {
  if (cosine >= operatingPoint) return Math.max(0, (1 - cosine) / (1 - operatingPoint))
  return Math.min(2, 1 + (operatingPoint - cosine) / (operatingPoint + 1))
}

/** The inverse of `distanceOf`: the smallest cosine within a distance of 0..2. */
export function cosineAt(distance: number, operatingPoint: number): number {
  if (distance <= 1) return 1 - distance * (1 - operatingPoint)
  return operatingPoint - (distance - 1) * (operatingPoint + 1)
}

export function similarityOf(distance: number): number {
  return distance <= 1 ? 1 - distance / 4 : 0.75 * (2 - distance)
}

/** How alike two descriptors are, on every scale. */
export interface Likeness {
  /** -1..1 on the 1e-6 grid; the raw scale of the pack. */
  readonly cosine: number
  readonly distance: number
  readonly similarity: number
}

/** All on the grid of cosines: a distance that was answered finds the same image as a threshold. */
export function likenessOf(cosine: number, operatingPoint: number): Likeness {
  const distance = roundCosine(distanceOf(cosine, operatingPoint))
  return { cosine, distance, similarity: roundCosine(similarityOf(distance)) }
}
