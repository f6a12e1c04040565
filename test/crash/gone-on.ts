import { expect } from 'vitest'

/** After a kill an import goes on by itself within so long, also while the killed process starts again beside it. */
export const GOES_ON_MS = 30_000
/** A machine that is busy with other work may take longer once in ten times, and never longer than this. */
const AT_MOST_MS = 2 * GOES_ON_MS
const IN_TIME = 0.9

/** Holds the times from kills until another row had ended against that: of 30 at least 27. */
export function expectGoneOn(times: readonly number[]): void {
  const told = `went on after ${times.map(Math.round).join(', ')} ms`
  const inTime = times.filter((ms) => ms < GOES_ON_MS).length
  expect(inTime, told).toBeGreaterThanOrEqual(Math.max(1, Math.floor(IN_TIME * times.length)))
  expect(Math.max(...times), told).toBeLessThan(AT_MOST_MS)
}
