import type { PackId } from './ids.ts'

/** A face as a feature vector: unit length, as long as its pack says (512 for the built-in one). */
export interface Descriptor {
  readonly packId: PackId
  readonly values: Float32Array
}

/** What the descriptors of one index have in common. */
export interface DescriptorKind {
  readonly packId: PackId
  readonly dimensions: number
}

/**
 * A length may differ so much from 1, at which a dot product is a cosine; float32 normalization is a thousand times
 * closer.
 */
const NORM_TOLERANCE = 0.01

/** @throws TypeError: it would be compared with what it cannot be compared with */
export function checkDescriptor({ packId, values }: Descriptor, kind: DescriptorKind): void {
  if (packId !== kind.packId)
    throw new TypeError(
      `a descriptor of pack ${packId} cannot be compared in an index of pack ${kind.packId}`,
    )
  if (values.length !== kind.dimensions)
    throw new TypeError(`a descriptor of pack ${packId} has ${kind.dimensions} values, not ${values.length}`)
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i] ?? 0) ** 2
  // NaN and Infinity fail this, too.
  if (!(Math.abs(Math.sqrt(squares) - 1) <= NORM_TOLERANCE))
    throw new TypeError('a descriptor has unit length, in finite numbers')
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
