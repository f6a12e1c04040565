import { describe, expect, it } from 'vitest'
import { endsTooLate, expectedWaitMs, type LaneWork, retryAfterSeconds } from './expected-wait.ts'

const none: LaneWork = { waiting: 0, serviceMs: 0 }

describe('the expected wait', () => {
  const lanes = {
    search: { waiting: 7, serviceMs: 100 },
    enroll: { waiting: 2, serviceMs: 300 },
    bulk: { waiting: 1000, serviceMs: 50 },
  }

  it('counts what is ahead in the same and the more urgent lanes, and the last of those that run', () => {
    const busy = { lanes, freePlaces: 0, concurrency: 4 }
    expect(expectedWaitMs('search', busy)).toBe((7 * 100 + 100) / 4)
    expect(expectedWaitMs('enroll', busy)).toBe((7 * 100 + 2 * 300 + 300) / 4)
  })

  it('is nothing while a place is left for one more', () => {
    expect(expectedWaitMs('search', { lanes, freePlaces: 8, concurrency: 8 })).toBe(0)
    expect(expectedWaitMs('search', { lanes, freePlaces: 7, concurrency: 8 })).toBe(100)
  })

  it('is nothing while no job was timed', () => {
    const untimed = { search: { waiting: 9, serviceMs: 0 }, enroll: none, bulk: none }
    expect(expectedWaitMs('search', { lanes: untimed, freePlaces: 0, concurrency: 1 })).toBe(0)
  })
})

describe('a job that comes now', () => {
  it('ends too late if it would wait, and then could not end by its deadline', () => {
    expect(endsTooLate({ waitMs: 7_000, serviceMs: 3_000, deadlineMs: 10_000 })).toBe(false)
    expect(endsTooLate({ waitMs: 7_001, serviceMs: 3_000, deadlineMs: 10_000 })).toBe(true)
  })

  it('never does if a place is left for it, so that a slow lane learns when it is fast again', () => {
    expect(endsTooLate({ waitMs: 0, serviceMs: 60_000, deadlineMs: 10_000 })).toBe(false)
  })
})

describe('Retry-After', () => {
  it.each([
    [0, 1],
    [1000, 1],
    [1001, 2],
    [59_500, 60],
    [600_000, 60],
  ])('after an expected wait of %i ms is %i s', (waitMs, seconds) => {
    expect(retryAfterSeconds(waitMs)).toBe(seconds)
  })
})
