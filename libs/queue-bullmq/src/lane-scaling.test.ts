import { LANES, type Lane } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { estimateWaitMs, freePlaces, type LaneScaling, lacksWorker } from './lane-scaling.ts'

function lanesWith(given: Partial<Record<Lane, Partial<LaneScaling>>>): Record<Lane, LaneScaling> {
  const idle = {
    waiting: 0,
    active: 0,
    preparing: 0,
    unprepared: 0,
    oldestWaitingMs: 0,
    workers: 1,
    concurrency: 4,
    completedPerSecond: 0,
  }
  const served = { unservedMs: 0, unservedJobs: 0 }
  const preset = {
    ...idle,
    ...served,
    meanServiceMs: 25,
    fullLoadServiceMs: 100,
    estimatedWaitMs: 0,
    setAside: 0,
  }
  const lanes = LANES.map((lane) => [lane, { ...preset, ...given[lane] }])
  return Object.fromEntries(lanes)
}

describe('the estimated wait', () => {
  it('is nothing while places are free', () => {
    const lanes = lanesWith({ search: { active: 2, waiting: 1 }, bulk: { active: 1 } })
    expect([freePlaces(lanes, 'bulk'), estimateWaitMs(lanes, 'bulk')]).toEqual([1, 100 / 2])
    expect(estimateWaitMs(lanesWith({ search: { active: 2, waiting: 1 } }), 'search')).toBe(0)
  })

  it('counts what is ahead in the same and the more urgent lanes, over all places', () => {
    const lanes = lanesWith({
      search: { active: 4, waiting: 7 },
      enroll: { waiting: 2, fullLoadServiceMs: 300 },
      bulk: { waiting: 1000 },
    })
    expect(estimateWaitMs(lanes, 'search')).toBe((7 * 100 + 100) / 4)
    expect(estimateWaitMs(lanes, 'enroll')).toBe((7 * 100 + 2 * 300 + 300) / 4)
  })

  it('is unknown where nobody works, and nothing where nothing was timed', () => {
    expect(estimateWaitMs(lanesWith({ search: { concurrency: 0, waiting: 99 } }), 'search')).toBeNull()
    expect(estimateWaitMs(lanesWith({ search: { concurrency: 0 } }), 'search')).toBeNull()
    const untimed = lanesWith({ search: { active: 4, waiting: 99, fullLoadServiceMs: 0 } })
    expect(estimateWaitMs(untimed, 'search')).toBe(0)
  })
})

describe('a worker', () => {
  it.each([
    ['is there', { workers: 1, unservedMs: 0 }, false],
    ['was there a moment ago', { workers: 0, unservedMs: 4_999 }, false],
    ['is gone for good', { workers: 0, unservedMs: 5_000 }, true],
    ['never came', { workers: 0, unservedMs: null }, true],
  ])('that %s', (_, search, isLacking) => {
    expect(lacksWorker(lanesWith({ search }), 'search')).toBe(isLacking)
    expect(lacksWorker(lanesWith({ enroll: search }), 'enroll')).toBe(isLacking)
    expect(lacksWorker(lanesWith({ enroll: search }), 'search')).toBe(false)
  })

  it('may be waited for in the lane where nobody waits for an answer', () => {
    expect(lacksWorker(lanesWith({ bulk: { workers: 0, unservedMs: null } }), 'bulk')).toBe(false)
  })
})
