import { describe, expect, it } from 'vitest'
import { createDependencies } from './dependencies.ts'
import { createMetrics } from './metrics.ts'
import { RecentFaults } from './recent-faults.ts'
import { RecentTimes } from './recent-times.ts'

describe('recent times', () => {
  it('are told by name as a median and a 95th percentile of what was measured', () => {
    const times = new RecentTimes(1_000, () => 0)
    for (let i = 1; i <= 100; i++) times.add('stage', 'decode', i / 1000)
    times.add('wait', 'search', 0.5)
    expect(times.read()).toEqual([
      { kind: 'stage', name: 'decode', count: 100, p50Ms: 50, p95Ms: 95 },
      { kind: 'wait', name: 'search', count: 1, p50Ms: 500, p95Ms: 500 },
    ])
  })

  it('are forgotten after their time, and are of the latest alone', () => {
    let now = 0
    const times = new RecentTimes(1_000, () => now)
    for (let i = 0; i < 300; i++) times.add('run', 'search', 1)
    for (let i = 0; i < 256; i++) times.add('run', 'search', 2)
    expect(times.read()).toEqual([{ kind: 'run', name: 'search', count: 256, p50Ms: 2000, p95Ms: 2000 }])
    now = 1_001
    expect(times.read()).toEqual([])
    times.add('run', 'search', 3)
    expect(times.read()).toMatchObject([{ count: 1, p50Ms: 3000 }])
  })

  it('take no more names than there is room for, and nothing that is no number', () => {
    const times = new RecentTimes(1_000, () => 0)
    for (let i = 0; i < 1_000; i++) times.add('request', `GET /${i}`, 1)
    times.add('stage', 'late', Number.NaN)
    expect(times.read()).toHaveLength(200)
  })
})

describe('recent faults', () => {
  it('are counted by code and place, the latest first, for a day', () => {
    let now = 0
    const faults = new RecentFaults(() => now)
    faults.add('E_DEADLINE', 'job')
    now = 5
    faults.add('E_OVERLOADED', 'request')
    faults.add('E_OVERLOADED', 'request')
    expect(faults.read()).toEqual([
      { code: 'E_OVERLOADED', where: 'request', count: 2, lastAt: 5 },
      { code: 'E_DEADLINE', where: 'job', count: 1, lastAt: 0 },
    ])
    now = 86_400_001
    expect(faults.read().map(({ code }) => code)).toEqual(['E_OVERLOADED'])
  })
})

describe('the metrics of a process', () => {
  it('tell what was of late: times, and faults of ours, but not what callers did wrong', () => {
    const metrics = createMetrics({ processMetrics: false })
    metrics.observeRequest({ method: 'GET', route: '/api/persons/{personId}', status: 200, seconds: 0.01 })
    metrics.observeStage('decode', 0.02)
    metrics.observeJob({ name: 'search', outcome: 'done', waitSeconds: 0.001, runSeconds: 0.1 })
    metrics.observeJob({ name: 'import-row', outcome: 'E_JOB_FAILED', waitSeconds: 0, runSeconds: 0 })
    metrics.countRefusal('PersonNotFound')
    metrics.countRefusal('E_OVERLOADED')
    metrics.countRefusal('InternalError')
    metrics.countUnexpected('thread')
    const { times, faults } = metrics.recent()
    expect(times.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'request GET /api/persons/{personId}',
      'stage decode',
      'wait search',
      'run search',
      'wait import-row',
      'run import-row',
    ])
    expect(faults.map(({ code, where }) => `${code} ${where}`).toSorted()).toEqual([
      'E_JOB_FAILED job',
      'E_OVERLOADED request',
      'InternalError request',
      'unexpected thread',
    ])
  })
})

describe('dependencies', () => {
  it('are up or down since they were first seen so, whoever looked', async () => {
    let now = 10
    let isUp = true
    const redis = async () => {
      if (!isUp)
        throw Object.assign(new Error('the job queue is unavailable'), { code: 'E_QUEUE_UNAVAILABLE' })
    }
    const dependencies = createDependencies({ redis, mongo: async () => {} }, { now: () => now })
    expect(await dependencies.standing()).toEqual([
      { name: 'redis', isUp: true, sinceMs: 10, reason: null },
      { name: 'mongo', isUp: true, sinceMs: 10, reason: null },
    ])
    ;[now, isUp] = [20, false]
    await dependencies.missing()
    now = 30
    expect((await dependencies.standing())[0]).toEqual({
      name: 'redis',
      isUp: false,
      sinceMs: 20,
      reason: 'the job queue is unavailable',
    })
  })
})
