import { describe, expect, it } from 'vitest'
import { LogKeeper } from './log-keeper.ts'

/** A log that is erased from, and a clock that the test moves. */
function aKeeper(checkpoint: () => boolean = () => true) {
  let nowMs = 0
  const emptiedAt: number[] = []
  const told: string[] = []
  const log = {
    hasErasures: false,
    logBytes: 0,
    checkpoint: () => {
      const isEmpty = checkpoint()
      if (isEmpty) {
        emptiedAt.push(nowMs)
        log.hasErasures = false
        log.logBytes = 0
      }
      return isEmpty
    },
  }
  const keeper = new LogKeeper({ log, now: () => nowMs, onLate: (why) => told.push(why) })
  const attendUntil = (untilMs: number, everyMs: number) => {
    for (; nowMs < untilMs; nowMs += everyMs) keeper.attend()
  }
  return { log, emptiedAt, told, attendUntil, stop: () => keeper.stop() }
}

describe('the log of a store that is never idle', () => {
  it('is emptied within a second of an erasure, and once for those of that second', () => {
    const { log, emptiedAt, attendUntil, stop } = aKeeper()
    attendUntil(3_000, 5)
    expect(emptiedAt).toEqual([])
    log.hasErasures = true
    attendUntil(10_000, 5)
    expect(emptiedAt).toEqual([4_000])
    stop()
  })

  it('is emptied at once when it has grown long', () => {
    const { log, emptiedAt, attendUntil, stop } = aKeeper()
    log.logBytes = 9_000_000
    attendUntil(100, 10)
    expect(emptiedAt).toEqual([0])
    stop()
  })

  it('is tried again and again while something is in the way, which is told once a minute', () => {
    let isFree = false
    const { log, emptiedAt, told, attendUntil, stop } = aKeeper(() => isFree)
    log.hasErasures = true
    attendUntil(5_000, 10)
    expect(told).toEqual([])
    attendUntil(60_000, 10)
    expect(told).toEqual([expect.stringContaining('another program is reading')])
    attendUntil(70_000, 10)
    expect(told).toHaveLength(2)
    isFree = true
    attendUntil(71_000, 10)
    expect(emptiedAt).toHaveLength(1)
    stop()
  })

  it('outlives a checkpoint that fails, and says why', () => {
    const { log, told, attendUntil, stop } = aKeeper(() => {
      throw new Error('database or disk is full')
    })
    log.hasErasures = true
    attendUntil(7_000, 10)
    expect(told).toEqual([expect.stringContaining('disk is full')])
    stop()
  })
})
