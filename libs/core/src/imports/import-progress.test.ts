import { describe, expect, it } from 'vitest'
import type { LaneLoad } from '../ports/job-queue.ts'
import { anImport } from '../testing/index.ts'
import type { Import, RowCounts, RowPace } from './import.ts'
import { readProgress } from './import-progress.ts'

const NOW = 1_000_000
const NONE = { rows: 0, ms: 0 }
const RUNNING = { state: 'running' } as const

interface Given {
  readonly made?: Partial<Import>
  readonly counts?: Partial<RowCounts>
  readonly pace?: Partial<RowPace>
  readonly searches?: number
  readonly bulk?: Partial<LaneLoad>
  readonly load?: () => Promise<never>
}

function progressOf({ made = {}, counts = {}, pace = {}, searches = 0, bulk = {}, load }: Given) {
  const lane = { waiting: 0, active: 0, preparing: 0, oldestWaitingMs: 0 }
  const told = { takenBytes: 9, all: NONE, lately: NONE, idleMs: null, ...pace }
  const deps = {
    queue: {
      load:
        load ??
        (async () => ({
          search: { ...lane, waiting: searches },
          enroll: lane,
          bulk: { ...lane, ...bulk },
        })),
    },
    clock: { now: () => NOW },
  }
  const ages = { oldestWaitingMs: 0, oldestClaimedMs: 0, claimLeftMs: 0 }
  const standing = { waiting: 0, claimed: 0, ended: {}, stagedBytes: 0, ...ages, ...counts }
  return readProgress(deps, { made: anImport(made), counts: standing, pace: told })
}

describe('the progress of an import', () => {
  it('tells rates and the time that is left, once they are known', async () => {
    const counts = { waiting: 30, claimed: 10 }
    const pace = { all: { rows: 100, ms: 50_000 }, lately: { rows: 40, ms: 10_000 }, idleMs: 0 }
    const told = await progressOf({ made: RUNNING, counts, pace })
    expect(told).toEqual({
      takenBytes: 9,
      rowsPerSecond: 2,
      rowsPerSecondLately: 4,
      etaSeconds: 10,
      waitsFor: null,
    })
    const early = await progressOf({ counts, pace: { all: NONE, lately: { rows: 3, ms: 20 }, idleMs: 0 } })
    expect(early).toMatchObject({ rowsPerSecond: null, rowsPerSecondLately: null, etaSeconds: null })
    const ended = await progressOf({ made: { state: 'done' }, pace })
    expect(ended).toMatchObject({ rowsPerSecond: 2, etaSeconds: null, waitsFor: null })
  })

  it('tells no time that is left while nothing ends, but what is waited for', async () => {
    const given = { made: RUNNING, counts: { waiting: 30, oldestWaitingMs: 60_000 }, bulk: { active: 1 } }
    const lately = { rows: 40, ms: 20_000 }
    const told = (idleMs: number) => progressOf({ ...given, pace: { lately, idleMs } })
    expect(await told(9_000)).toMatchObject({ etaSeconds: 15, waitsFor: 'jobs' })
    expect(await told(11_000)).toMatchObject({ etaSeconds: null, waitsFor: 'jobs' })
  })

  it('tells that the queue is away if it cannot be asked', async () => {
    const counts = { waiting: 30, oldestWaitingMs: 60_000 }
    const told = await progressOf({ made: RUNNING, counts, load: () => Promise.reject(new Error('away')) })
    expect(told.waitsFor).toBe('queue')
  })

  it('tells that it waits for rows, or is paused', async () => {
    expect((await progressOf({})).waitsFor).toBe('rows')
    expect((await progressOf({ made: RUNNING })).waitsFor).toBeNull()
    expect((await progressOf({ made: { state: 'paused' }, counts: { waiting: 1 } })).waitsFor).toBe('paused')
  })

  it('tells what holds it up, until a row has ended or the note is old', async () => {
    const heldUp = { by: 'workers', at: NOW - 8_000 } as const
    const given = { made: { ...RUNNING, heldUp }, counts: { waiting: 5, oldestWaitingMs: 60_000 } }
    expect((await progressOf(given)).waitsFor).toBe('workers')
    expect((await progressOf({ ...given, pace: { idleMs: 20_000 } })).waitsFor).toBe('workers')
    expect((await progressOf({ ...given, pace: { idleMs: 2_000 } })).waitsFor).toBeNull()
    const old = { ...RUNNING, heldUp: { by: 'workers', at: NOW - 90_000 } } as const
    expect((await progressOf({ ...given, made: old })).waitsFor).toBe('process')
  })

  it('tells that searches go first', async () => {
    const given = { made: RUNNING, counts: { waiting: 5, oldestWaitingMs: 60_000 }, searches: 2 }
    expect((await progressOf(given)).waitsFor).toBe('searches-first')
    expect((await progressOf({ ...given, pace: { idleMs: 100 } })).waitsFor).toBeNull()
  })

  it('tells that no worker serves the lane, whatever waits in it or before it', async () => {
    const counts = { waiting: 5, claimed: 3, oldestWaitingMs: 60_000, claimLeftMs: 18_000 }
    const waitsFor = async (bulk: Partial<LaneLoad>, searches = 0) =>
      (await progressOf({ made: RUNNING, counts, bulk, searches })).waitsFor
    expect(await waitsFor({ workers: 0, waiting: 3 })).toBe('workers')
    expect(await waitsFor({ workers: 0, preparing: 3 })).toBe('workers')
    expect(await waitsFor({ workers: 0 }, 2)).toBe('workers')
    expect(await waitsFor({ workers: 1, waiting: 3 })).toBe('jobs')
  })

  it('tells that the process that handed out its rows is silent, until another one has them', async () => {
    const counts = { waiting: 50, claimed: 8, oldestWaitingMs: 60_000, oldestClaimedMs: 60_000 }
    const pace = { idleMs: 9_000 }
    const given = { made: RUNNING, pace, bulk: { waiting: 8, active: 2 } }
    const waitsFor = async (more: Partial<RowCounts>) =>
      (await progressOf({ ...given, counts: { ...counts, ...more } })).waitsFor
    expect(await waitsFor({ claimLeftMs: 6_000 })).toBe('process')
    // All that is left is what the dead process had.
    expect(await waitsFor({ waiting: 0, oldestWaitingMs: 0, claimLeftMs: 6_000 })).toBe('process')
    expect(await waitsFor({ claimLeftMs: 19_000 })).toBe('jobs')
  })

  it('tells that jobs of others are done, that links are slow, or that nobody hands out rows', async () => {
    const counts = { waiting: 5, claimed: 3, oldestWaitingMs: 60_000, claimLeftMs: 18_000 }
    const waitsFor = async (bulk: Partial<LaneLoad>, more: Partial<RowCounts> = {}) =>
      (await progressOf({ made: RUNNING, counts: { ...counts, ...more }, bulk })).waitsFor
    expect(await waitsFor({ active: 1 })).toBe('jobs')
    expect(await waitsFor({ preparing: 3 })).toBe('links')
    expect(await waitsFor({})).toBeNull()
    expect(await waitsFor({}, { claimed: 0, claimLeftMs: 0 })).toBe('process')
    const fresh = { waiting: 0, oldestWaitingMs: 0, oldestClaimedMs: 1_000 }
    expect(await waitsFor({ active: 1 }, fresh)).toBeNull()
  })
})
