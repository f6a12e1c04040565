/** This much of the probability lies below the range, and as much above. */
const TAIL = 0.25

/**
 * The years between which the middle half of the probability lies.
 * @param probabilities one a year, from 0 on
 */
export function ageRange(probabilities: Float32Array): { readonly from: number; readonly to: number } {
  const whole = probabilities.reduce((sum, value) => sum + value, 0)
  return { from: quantile(probabilities, TAIL * whole), to: quantile(probabilities, (1 - TAIL) * whole) }
}

/** The first year at which the sum reaches `wanted`. */
function quantile(probabilities: Float32Array, wanted: number): number {
  let sum = 0
  for (const [year, value] of probabilities.entries()) {
    sum += value
    if (sum >= wanted) return year
  }
  return probabilities.length - 1
}
