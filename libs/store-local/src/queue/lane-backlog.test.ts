import { FAIR_SHARE, JOB_PATIENCE_MS, type Lane } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { LaneBacklog } from './lane-backlog.ts'

const waiter = (lane: Lane, since = 0) => ({ lane, since })

describe('the backlog of all lanes', () => {
  it('is taken by urgency, and within a lane in order of arrival', () => {
    const backlog = new LaneBacklog()
    const jobs = (['bulk', 'search', 'enroll', 'search'] as const).map((lane) => waiter(lane))
    for (const job of jobs) backlog.add(job)
    const taken = [1, 2, 3, 4].map(() => backlog.next(0))
    expect(taken).toEqual([jobs[1], jobs[3], jobs[2], jobs[0]])
    expect(taken[0]).toBe(jobs[1])
    expect(backlog.next(0)).toBeNull()
  })

  it('gives an overdue lane one start in eight under a steady load of searches', () => {
    const backlog = new LaneBacklog()
    for (let i = 0; i < 100; i++) backlog.add(waiter('enroll'))
    const lanes: Lane[] = []
    for (let i = 0; i < 80; i++) {
      backlog.add(waiter('search', JOB_PATIENCE_MS))
      lanes.push(backlog.next(JOB_PATIENCE_MS)!.lane)
    }
    expect(lanes.filter((lane) => lane === 'enroll')).toHaveLength(80 / FAIR_SHARE)
    expect(lanes.slice(0, FAIR_SHARE - 1)).not.toContain('enroll')
  })

  it('gives a lane that is not overdue nothing while a more urgent one waits', () => {
    const backlog = new LaneBacklog()
    backlog.add(waiter('bulk'))
    for (let i = 0; i < 50; i++) {
      backlog.add(waiter('search'))
      expect(backlog.next(JOB_PATIENCE_MS - 1)?.lane).toBe('search')
    }
  })

  it('serves the lane that has waited longest when two are overdue', () => {
    const backlog = new LaneBacklog()
    backlog.add(waiter('enroll', 10))
    backlog.add(waiter('bulk', 5))
    const lanes = Array.from({ length: 2 * FAIR_SHARE }, () => {
      backlog.add(waiter('search', 20))
      return backlog.next(JOB_PATIENCE_MS * 2)?.lane
    })
    expect(lanes.filter((lane) => lane !== 'search')).toEqual(['bulk', 'enroll'])
  })

  it('forgets who is removed', () => {
    const backlog = new LaneBacklog()
    const job = waiter('search')
    backlog.add(job)
    expect([backlog.count('search'), backlog.oldest('search')]).toEqual([1, job])
    expect([backlog.remove(job), backlog.remove(job)]).toEqual([true, false])
    expect([backlog.count('search'), backlog.oldest('search'), backlog.next(0)]).toEqual([0, null, null])
  })
})
