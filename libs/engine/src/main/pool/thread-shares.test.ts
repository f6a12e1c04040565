import { describe, expect, it } from 'vitest'
import { ThreadShares } from './thread-shares.ts'

describe('shares of the threads', () => {
  it('are all for others while nobody searches', () => {
    const shares = new ThreadShares()
    shares.begin({ lane: 'enroll', isLarge: false })
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 1 })).toBe(true)
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 2 })).toBe(false)
  })

  it('leave two threads to each search at work, and none to others if that is all of them', () => {
    const shares = new ThreadShares()
    const search = { lane: 'search', isLarge: false } as const
    const ends = [shares.begin(search), shares.begin(search), shares.begin(search)]
    expect(shares.hasThreadForOthers({ threads: 6, othersRunning: 0 })).toBe(false)
    expect(shares.hasThreadForOthers({ threads: 8, othersRunning: 1 })).toBe(true)
    expect(shares.hasThreadForOthers({ threads: 8, othersRunning: 2 })).toBe(false)
    for (const end of ends) end()
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 1 })).toBe(true)
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
  ])('of %i leave %i to dear looks while a small picture is searched, else all', (threads, half) => {
    const shares = new ThreadShares()
    const has = (dearRunning: number) => shares.hasThreadForDear({ threads, dearRunning })
    shares.begin({ lane: 'search', isLarge: true })
    expect([has(threads - 1), has(threads)]).toEqual([true, false])
    const end = shares.begin({ lane: 'search', isLarge: false })
    expect([has(half - 1), has(half)]).toEqual([true, false])
    end()
    expect(has(threads - 1)).toBe(true)
  })

  it('give every fourth start to overdue dear looks', () => {
    const shares = new ThreadShares()
    const turns = (waitedMs: number) =>
      Array.from({ length: 16 }, () => shares.isTurnOfDear(waitedMs)).filter(Boolean).length
    expect([turns(1_999), turns(2_000)]).toEqual([0, 4])
  })
})
