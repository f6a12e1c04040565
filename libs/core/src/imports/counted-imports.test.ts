import { beforeEach, describe, expect, it } from 'vitest'
import { anImport } from '../testing/index.ts'
import { CountedImports } from './counted-imports.ts'
import type { Import } from './import.ts'

const IDLE = { rows: 0, ms: 0 }

describe('the counts of an import', () => {
  let nowMs: number
  let queries: number
  let ended: number
  /** How long a count takes. */
  let tookMs: number
  let fault: Error | null
  let counted: CountedImports
  /** Another process. */
  let fresh: (given?: { readonly warmUpMs?: number }) => void

  beforeEach(() => {
    nowMs = 0
    queries = 0
    ended = 0
    tookMs = 0
    fault = null
    const count = async () => {
      queries += 1
      if (fault !== null) throw fault
      const ages = { oldestWaitingMs: 0, oldestClaimedMs: 0, claimLeftMs: 0 }
      const told = { waiting: 0, claimed: 0, ended: { enrolled: ended }, stagedBytes: 0, ...ages }
      await Promise.resolve()
      nowMs += tookMs
      return told
    }
    const pace = async () => ({ takenBytes: 0, all: IDLE, lately: IDLE, idleMs: null })
    const imports = { rows: { count, pace } } as never
    fresh = (given = {}) => {
      counted = new CountedImports({ imports, clock: { monotonic: () => nowMs }, ...given })
    }
    fresh()
  })

  const enrolledIn = async (made: Import) => (await counted.standingOf(made)).counts.ended.enrolled
  const running = anImport({ state: 'running' })

  it('are read once a second for all who ask', async () => {
    await Promise.all(Array.from({ length: 20 }, () => enrolledIn(running)))
    expect(queries).toBe(1)
    ended = 1
    nowMs = 999
    expect(await enrolledIn(running)).toBe(0)
    nowMs = 1_000
    expect(await enrolledIn(running)).toBe(1)
    expect(queries).toBe(2)
  })

  it('are read so much more seldom where that takes long, but every 10 s', async () => {
    tookMs = 400
    await enrolledIn(running)
    tookMs = 60_000
    nowMs = 3_999
    await enrolledIn(running)
    expect(queries).toBe(1)
    nowMs = 4_000
    await enrolledIn(running)
    nowMs = 4_000 + 60_000
    await enrolledIn(running)
    expect(queries).toBe(3)
  })

  it('are read once a second right after a start, which makes counting slow and says nothing of it', async () => {
    fresh({ warmUpMs: 10_000 })
    tookMs = 900
    await enrolledIn(running)
    ended = 1
    nowMs = 1_000
    expect(await enrolledIn(running)).toBe(1)
    expect(queries).toBe(2)
    // By then it is counting itself that is slow.
    nowMs = 10_900
    await enrolledIn(running)
    nowMs = 19_899
    await enrolledIn(running)
    expect(queries).toBe(3)
    nowMs = 19_900
    await enrolledIn(running)
    expect(queries).toBe(4)
  })

  it('are those of the end once it has ended', async () => {
    expect(await enrolledIn(running)).toBe(0)
    ended = 7
    const done = { ...running, state: 'done', endedAt: 5, rev: running.rev + 1 } as const
    expect(await enrolledIn(done)).toBe(7)
    nowMs = 30_000
    expect(await enrolledIn(done)).toBe(7)
    expect(queries).toBe(2)
  })

  it('that were begun before a change of the record are not told after it', async () => {
    const before = enrolledIn(running)
    ended = 7
    const done = { ...running, state: 'done', endedAt: 5, rev: running.rev + 1 } as const
    const after = enrolledIn(done)
    expect(await Promise.all([before, after])).toEqual([0, 7])
    expect(await enrolledIn(done)).toBe(7)
  })

  it('are read anew by whoever has changed rows', async () => {
    await enrolledIn(running)
    ended = 1
    counted.forget(running.id)
    expect(await enrolledIn(running)).toBe(1)
  })

  it('are asked for again after a fault', async () => {
    fault = new Error('away')
    await expect(enrolledIn(running)).rejects.toBe(fault)
    fault = null
    expect(await enrolledIn(running)).toBe(0)
  })
})
