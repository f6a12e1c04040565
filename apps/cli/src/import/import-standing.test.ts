import { describe, expect, it } from 'vitest'
import { paceOf, standingLines } from './import-standing.ts'

const rows = { total: 3708, waiting: 193, underWay: 8, ended: 3507, byOutcome: { enrolled: 3507 } }
const progress = { rowsPerSecond: 20, rowsPerSecondLately: 22, etaSeconds: 9, waitsFor: null }
const running = { state: 'running', rows: { ...rows, oldestWaitingSeconds: 31.4 }, progress } as const

describe('how an import stands', () => {
  it('tells rates, the remaining time and the oldest row that waits', () => {
    expect(standingLines(running)).toEqual([
      '  3507 of 3708 rows done, 22.0 a second, 9 s left',
      '  in all 20.0 rows ended a second',
      '  the oldest row that waits came 31 s ago',
    ])
  })

  it('tells what it waits for, also in a word that is newer than this command', () => {
    const waiting = (waitsFor: string) => paceOf({ progress: { ...progress, waitsFor, etaSeconds: null } })
    expect(waiting('workers')).toBe(', no worker is there, 22.0 a second')
    expect(waiting('moonlight')).toBe(', it waits for moonlight, 22.0 a second')
    expect(waiting('constructor')).toBe(', it waits for constructor, 22.0 a second')
  })

  it('tells why its source is not read, and how many rows were in conflict', () => {
    const none = { total: 0, waiting: 0, underWay: 0, ended: 0, byOutcome: {}, oldestWaitingSeconds: 0 }
    const idle = { rowsPerSecond: null, rowsPerSecondLately: null, etaSeconds: null, waitsFor: 'rows' }
    const source = {
      url: 's3://b/photos/',
      state: 'failed',
      why: 'the bucket is closed',
      rows: 1,
      conflicts: 2,
    }
    const failed = { state: 'open', rows: none, progress: idle, source } as const
    expect(standingLines({ ...failed, source: { ...source, state: 'failed' } })).toEqual([
      '  0 of 0 rows done, it waits for rows',
      '  s3://b/photos/ cannot be read (1 row of it is in): the bucket is closed',
      '  2 rows have a key that was there with other contents, which stayed',
    ])
    const { why: _, conflicts: __, ...well } = source
    expect(standingLines({ ...failed, source: { ...well, state: 'reading' } })).toEqual([
      '  0 of 0 rows done',
      '  s3://b/photos/ is being read (1 row of it is in)',
    ])
    expect(standingLines({ ...failed, source: { ...source, state: 'reading' } })[0]).toBe(
      '  0 of 0 rows done, the bucket is closed',
    )
  })

  it('of one that has ended tells the rate in all alone', () => {
    const ended = { ...rows, total: 3507, waiting: 0, underWay: 0, oldestWaitingSeconds: 0 }
    expect(standingLines({ state: 'done', rows: ended, progress })).toEqual([
      '  in all 20.0 rows ended a second',
    ])
  })
})
