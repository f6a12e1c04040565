/**
 * True in the slow tier (`npm run test:slow`, which sets TEST_TIER=slow). It repeats claims of the other tests at a larger
 * size: more kills, more faces, longer floods. CI runs each claim at its smaller size.
 */
export const isSlowTier = process.env.TEST_TIER === 'slow'

/** One of two sizes of the same test. */
export function sizeOf<T>(sizes: { readonly ci: T; readonly slow: T }): T {
  return isSlowTier ? sizes.slow : sizes.ci
}
