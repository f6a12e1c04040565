import { describe, expect, it } from 'vitest'
import { ServiceTimes, slowdownAtFullLoad } from './service-times.ts'

describe('service times', () => {
  it('are nothing before the first job, which is the mean then', () => {
    const times = new ServiceTimes()
    expect([times.meanMs('search'), times.means]).toEqual([0, {}])
    times.note('search', 300)
    expect([times.meanMs('search'), times.means]).toEqual([300, { search: 300 }])
  })

  it('follow the last ten jobs or so, each lane by itself', () => {
    const times = new ServiceTimes()
    times.note('search', 1000)
    times.note('enroll', 7)
    times.note('search', 500)
    expect(times.meanMs('search')).toBeCloseTo(900)
    for (let i = 0; i < 20; i++) times.note('search', 100)
    expect(times.meanMs('search')).toBeLessThan(115)
    expect(times.meanMs('enroll')).toBe(7)
  })
})

describe('a job that was stopped', () => {
  it('tells only that such jobs take longer', () => {
    const times = new ServiceTimes()
    times.note('search', 1000)
    for (let i = 0; i < 20; i++) times.noteStopped('search', 100)
    expect(times.meanMs('search')).toBe(1000)
    times.noteStopped('search', 2000)
    expect(times.meanMs('search')).toBeCloseTo(1200)
  })
})

describe('the slowdown at full load', () => {
  it.each([
    [1, 4],
    [2, 2],
    [4, 1],
  ])('with %i of four places taken on a machine for one is %i', (taken, slowdown) => {
    expect(slowdownAtFullLoad({ concurrency: 4, parallelism: 1, taken })).toBe(slowdown)
  })

  it('is none where the machine gets on with all places at once', () => {
    expect(slowdownAtFullLoad({ concurrency: 4, parallelism: 4, taken: 1 })).toBe(1)
  })
})
