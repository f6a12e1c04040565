import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ThreadShares } from './thread-shares.ts'

/** A thread is kept so long after a search. */
const KEPT_MS = 30
const search = { lane: 'search', isLarge: false } as const

describe('shares of the threads', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('are all for others while nobody searches', () => {
    const shares = new ThreadShares()
    shares.begin({ lane: 'enroll', isLarge: false })
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 1 })).toBe(true)
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 2 })).toBe(false)
  })

  it('leave a thread to each search at work, and none to others if there are as many', () => {
    const shares = new ThreadShares()
    const ends = [shares.begin(search), shares.begin(search), shares.begin(search)]
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 0 })).toBe(false)
    expect(shares.hasThreadForOthers({ threads: 4, othersRunning: 0 })).toBe(true)
    expect(shares.hasThreadForOthers({ threads: 4, othersRunning: 1 })).toBe(false)
    for (const end of ends) end()
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 0 })).toBe(false)
    vi.advanceTimersByTime(KEPT_MS)
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 1 })).toBe(true)
  })

  it('are told of once others may have what a search kept', () => {
    let released = 0
    const shares = new ThreadShares(() => (released += 1))
    const [one, other] = [shares.begin(search), shares.begin(search)]
    one()
    vi.advanceTimersByTime(KEPT_MS / 2)
    other()
    vi.advanceTimersByTime(KEPT_MS / 2)
    expect(released).toBe(1)
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 1 })).toBe(false)
    vi.advanceTimersByTime(KEPT_MS / 2)
    expect(released).toBe(2)
  })

  it('give every eighth start to what is overdue, and none before', () => {
    const shares = new ThreadShares()
    const turns = (waitedMs: number) =>
      Array.from({ length: 16 }, () => shares.isTurnOfOthers(waitedMs)).filter(Boolean).length
    expect(turns(1_999)).toBe(0)
    expect(turns(2_000)).toBe(2)
  })

  it.each([
    [2, 1],
    [32, 16],
  ])('of %i leave %i to tiles while a small picture is searched, else all', (threads, half) => {
    const shares = new ThreadShares()
    const has = (tilesRunning: number) => shares.hasThreadForTiles({ threads, tilesRunning })
    shares.begin({ lane: 'search', isLarge: true })
    expect([has(threads - 1), has(threads)]).toEqual([true, false])
    const end = shares.begin({ lane: 'search', isLarge: false })
    expect([has(half - 1), has(half)]).toEqual([true, false])
    end()
    expect(has(threads - 1)).toBe(true)
  })

  it('give every fourth start to overdue tiles', () => {
    const shares = new ThreadShares()
    const turns = (waitedMs: number) =>
      Array.from({ length: 16 }, () => shares.isTurnOfTiles(waitedMs)).filter(Boolean).length
    expect([turns(1_999), turns(2_000)]).toEqual([0, 4])
  })
})
