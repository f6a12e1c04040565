import { LANES, type Lane } from '@semblance/core'
import { aClock } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import { LaneOrder } from './lane-order.ts'

function setUp() {
  const clock = aClock()
  const order = new LaneOrder(LANES, clock)
  /** Takes from the first lane that has something; these have always, and their jobs have waited so long. */
  const takeFrom = (full: Partial<Record<Lane, number>>) => {
    for (const lane of order.lanes()) {
      const waitedMs = full[lane]
      if (waitedMs !== undefined) {
        order.took(lane, waitedMs)
        return lane
      }
      order.foundEmpty(lane)
    }
    return null
  }
  return { clock, order, takeFrom }
}

describe('the order of lanes', () => {
  it('is by urgency', () => {
    const { order, takeFrom } = setUp()
    expect(order.lanes()).toEqual(['search', 'enroll', 'bulk'])
    expect(takeFrom({ bulk: 9e9, enroll: 0 })).toBe('enroll')
    expect(takeFrom({ bulk: 9e9 })).toBe('bulk')
  })

  it('gives other lanes nothing while searches wait, as long as nothing is overdue', () => {
    const { clock, takeFrom } = setUp()
    for (let i = 0; i < 49; i++) {
      clock.advance(100)
      expect(takeFrom({ search: 0, enroll: 4900 })).toBe('search')
    }
  })

  it('gives a lane that is overdue one start in eight under a steady load of searches', () => {
    const { clock, takeFrom } = setUp()
    clock.advance(5000)
    const taken = Array.from({ length: 80 }, () => takeFrom({ search: 0, enroll: 6000 }))
    expect(taken.filter((lane) => lane === 'enroll')).toHaveLength(10)
    expect(taken.slice(0, 7)).not.toContain('enroll')
  })

  it('ends that once the jobs taken from it were young', () => {
    const { clock, takeFrom } = setUp()
    clock.advance(5000)
    const taken = Array.from({ length: 80 }, () => takeFrom({ search: 0, enroll: 10 }))
    expect(taken.filter((lane) => lane === 'enroll')).toHaveLength(1)
  })

  it('lets the lane that has waited longest go first', () => {
    const { clock, order, takeFrom } = setUp()
    clock.advance(1000)
    order.foundEmpty('enroll')
    clock.advance(6000)
    const taken = Array.from({ length: 8 }, () => takeFrom({ search: 0, enroll: 6000, bulk: 7000 }))
    expect(taken.filter((lane) => lane !== 'search')).toEqual(['bulk'])
  })
})
