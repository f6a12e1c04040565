import type { PackId } from './ids.ts'

/** A face as a feature vector: unit length, as long as its pack says (512 for the built-in one). */
export interface Descriptor {
  readonly packId: PackId
  readonly values: Float32Array
}

const COSINE_STEPS = 1_000_000

/**
 * Cosine on the grid that both shapes report and compare on (1e-6), so that float rounding in one index cannot
 * put a candidate on the other side of the threshold than in another.
 */
export function roundCosine(cosine: number): number {
  return Math.round(cosine * COSINE_STEPS) / COSINE_STEPS
}

/** Cosine of two descriptors of one pack, -1..1, on the 1e-6 grid. */
export function cosineBetween(a: Descriptor, b: Descriptor): number {
  if (a.packId !== b.packId)
    throw new TypeError(`descriptors of ${a.packId} and ${b.packId} cannot be compared`)
  let sum = 0
  for (let i = 0; i < a.values.length; i++) sum += (a.values[i] ?? 0) * (b.values[i] ?? 0)
  return roundCosine(sum)
}
