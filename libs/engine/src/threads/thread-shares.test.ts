import { describe, expect, it } from 'vitest'
import { ThreadShares } from './thread-shares.ts'

describe('shares of the threads', () => {
  it('are all for others while nobody searches', () => {
    const shares = new ThreadShares()
    shares.begin('enroll')
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 1 })).toBe(true)
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 2 })).toBe(false)
  })

  it('leave a thread to each search at work, and none to others if there are as many', () => {
    const shares = new ThreadShares()
    const ends = [shares.begin('search'), shares.begin('search'), shares.begin('search')]
    expect(shares.hasThreadForOthers({ threads: 2, othersRunning: 0 })).toBe(false)
    expect(shares.hasThreadForOthers({ threads: 4, othersRunning: 0 })).toBe(true)
    expect(shares.hasThreadForOthers({ threads: 4, othersRunning: 1 })).toBe(false)
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
})
