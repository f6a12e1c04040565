import { largestOf, roundedUp } from '../memory/coarse-rows.ts'

/** Whole numbers of a coarse probe reach from minus this to this, before `MIDDLE` is added: 1 to 127 afterwards. */
const MOST_STEPS = 63
const MIDDLE = 64

/** The longest descriptor that core's `checkDescriptor` takes, and a little. */
const MOST_LENGTH = 1.01 + 1e-6

/**
 * The kernel rounds to float32 four times on the way to its verdict: at most 16.4 * 2^-24 of a cosine, since neither what
 * is rounded nor what is left out of a descriptor is longer than the descriptor, and no sum of steps needs more than 24 bits
 * before 2,000 dimensions (one more rounding, for which there is room).
 */
const KERNEL_ROUNDING = 20 * 2 ** -24

/** What a probe's coarse copy cannot tell, for the kernel's test of a row; see `coarse-kernel-text.ts`. */
export interface CoarseProbe {
  readonly scale: number
  /** Length of the steps, in float32: a row's `error` counts as often. */
  readonly reach: number
  /** The most by which any descriptor's cosine differs for what the steps leave out of the probe. */
  readonly error: number
}

/** Writes the steps of the probe to `steps`, which is at least as long. */
export function makeCoarseProbe(values: Float32Array, steps: Uint8Array): CoarseProbe {
  const scale = largestOf(values) / MOST_STEPS
  let stepSquares = 0
  let leftSquares = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    // The nearest whole number, which is never negative here.
    const raised = (value / scale + MIDDLE + 0.5) | 0
    const step = raised - MIDDLE
    const left = value - step * scale
    steps[i] = raised
    stepSquares += step * step
    leftSquares += left * left
  }
  const error = roundedUp(Math.sqrt(leftSquares)) * MOST_LENGTH
  return { scale, reach: roundedUp(Math.sqrt(stepSquares)), error }
}

/**
 * What the kernel has to find for a row to be nominated. Proof: with probe p = s * P + dp and row r = t * R + dr, the
 * cosine p . r is s * t * (P . R) + s * P . dr + dp . r. The last two are at most s * |P| * |dr| and |dp| * |r|. The kernel
 * adds the first to the cosine (`error * reach`); the second is taken from the floor here. All is divided by s.
 *
 * @param cutoff a row whose exact cosine is below need not be nominated; -Infinity: every row is
 */
export function leastOf({ scale, error }: CoarseProbe, cutoff: number): number {
  const least = (cutoff - error - KERNEL_ROUNDING) / scale
  return -roundedUp(-least)
}
