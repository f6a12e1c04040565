import type { Clock } from '../../ports/clock.ts'

export interface TestClock extends Clock {
  /** Both clocks go forward together. */
  advance(ms: number): void
}

/** A clock that stands still until it is told to go on; it starts at the machine's time, so that fresh ids fit. */
export function aClock(startMs: number = Date.now()): TestClock {
  let passedMs = 0
  return {
    now: () => startMs + passedMs,
    monotonic: () => passedMs,
    advance: (ms) => {
      passedMs += ms
    },
  }
}
