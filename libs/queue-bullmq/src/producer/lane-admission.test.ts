import { LANES, type Lane } from '@semblance/core'
import { aClock } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import type { LaneScaling, ScalingReport } from '../lane-scaling.ts'
import { LaneAdmission } from './lane-admission.ts'

const LIMIT = 3
const DEADLINE_MS = 10_000

/** A lane of one place, taken, whose jobs take a second; `waiting` may be changed, `reads` counts the questions. */
function setUp(given: Partial<LaneScaling> = {}) {
  const clock = aClock()
  const lane: LaneScaling = {
    waiting: 0,
    active: 0,
    preparing: 0,
    unprepared: 0,
    oldestWaitingMs: 0,
    workers: 1,
    concurrency: 1,
    completedPerSecond: 0,
    meanServiceMs: 1_000,
    fullLoadServiceMs: 1_000,
    estimatedWaitMs: 0,
    unservedMs: 0,
    unservedJobs: 0,
    setAside: 0,
    ...given,
  }
  const queue = { waiting: 0, reads: 0 }
  const read = async () => {
    queue.reads += 1
    const search = { ...lane, active: 1, waiting: queue.waiting }
    const lanes = LANES.map((name) => [name, name === 'search' ? search : lane])
    return Object.fromEntries(lanes) as ScalingReport
  }
  const limits: Record<Lane, number> = { search: LIMIT, enroll: LIMIT, bulk: LIMIT }
  const admission = new LaneAdmission({ clock, limits, read })
  const ask = async (deadlineMs = DEADLINE_MS) =>
    (await admission.refusalOf({ lane: 'search', deadlineMs })) === null
  const askAtOnce = (count: number, deadlineMs = DEADLINE_MS) =>
    Promise.all(Array.from({ length: count }, () => ask(deadlineMs)))
  const letIn = (answers: readonly boolean[]) => answers.filter((isIn) => isIn).length
  return { clock, queue, admission, ask, askAtOnce, letIn }
}

describe('who is let into a lane', () => {
  it('of many at once are no more than have room in it', async () => {
    const { askAtOnce, letIn } = setUp()
    expect(letIn(await askAtOnce(50))).toBe(LIMIT)
  })

  it('of many at once are no more than end by their deadline', async () => {
    const { askAtOnce, letIn } = setUp()
    expect(letIn(await askAtOnce(50, 3_500))).toBe(2)
  })

  it('is counted until it is in Redis, however often the state is read meanwhile', async () => {
    const { clock, admission, askAtOnce, ask, letIn } = setUp()
    expect(letIn(await askAtOnce(LIMIT))).toBe(LIMIT)
    clock.advance(60_000)
    expect(await ask()).toBe(false)
    for (let i = 0; i < LIMIT; i++) admission.arrived({ lane: 'search', deadlineMs: DEADLINE_MS })
    clock.advance(60_000)
    expect(await ask()).toBe(true)
  })

  it('is judged by a state of 200 ms at most, and refused by one of 20 ms', async () => {
    const { clock, queue, admission, ask } = setUp()
    expect(await ask()).toBe(true)
    admission.arrived({ lane: 'search', deadlineMs: DEADLINE_MS })
    clock.advance(200)
    expect(await ask()).toBe(true)
    admission.arrived({ lane: 'search', deadlineMs: DEADLINE_MS })
    expect(queue.reads).toBe(1)
    queue.waiting = LIMIT
    clock.advance(201)
    expect([await ask(), queue.reads]).toEqual([false, 2])
    queue.waiting = 0
    clock.advance(21)
    expect([await ask(), queue.reads]).toEqual([true, 3])
  })

  it('is held up by none of those who first wait for another server, who have a limit of their own', async () => {
    const { admission, ask, letIn } = setUp()
    const link = { lane: 'search', deadlineMs: DEADLINE_MS, preparesFirst: true } as const
    const links = await Promise.all(Array.from({ length: 50 }, () => admission.refusalOf(link)))
    expect(letIn(links.map((refusal) => refusal === null))).toBe(LIMIT)
    expect(await ask(2_500)).toBe(true)
  })

  it('is told for how long one more would wait, without a further question', async () => {
    const { queue, admission, ask } = setUp()
    expect(admission.expectedWaitMs('search')).toBe(0)
    queue.waiting = 1
    await ask()
    expect([admission.expectedWaitMs('search'), queue.reads]).toEqual([3_000, 1])
  })

  it('is nobody while no worker serves the lane, but for a moment after Redis was away', async () => {
    const { clock, admission, ask } = setUp({ workers: 0, concurrency: 0, unservedMs: null })
    expect(await admission.refusalOf({ lane: 'search', deadlineMs: DEADLINE_MS })).toEqual({
      why: 'no-worker',
    })
    admission.expectWorkersBack()
    expect(await ask()).toBe(true)
    clock.advance(5_000)
    expect(await ask()).toBe(false)
  })
})
