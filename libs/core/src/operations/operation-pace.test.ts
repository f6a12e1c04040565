import { describe, expect, it } from 'vitest'
import { aDuplicateSearch } from '../testing/index.ts'
import { markedAfter, type PaceMark, readPace } from './operation-pace.ts'

const BEGUN = 1_000_000

/** After a step each second, of so many units each. */
function marksOf(seconds: number, units: number): readonly PaceMark[] {
  let marks: readonly PaceMark[] = []
  for (let i = 1; i <= seconds; i++) marks = markedAfter(marks, { at: BEGUN + i * 1_000, done: i * units })
  return marks
}

describe('the pace of an operation', () => {
  it('is that of all steps, and that of the last minute', () => {
    const slow = marksOf(100, 10)
    const last = slow.at(-1)!
    const marks = [10, 20, 30].reduce(
      (all, s) => markedAfter(all, { at: last.at + s * 1_000, done: last.done + s * 100 }),
      slow,
    )
    const operation = aDuplicateSearch({ createdAt: BEGUN, marks, done: 4_000, total: 10_000 })
    const now = BEGUN + 130_000
    expect(readPace(operation, now).perSecond).toBeCloseTo(4_000 / 130)
    const { perSecondLately, etaSeconds } = readPace(operation, now)
    // Some 30 seconds at 10, and 30 at 100.
    expect(perSecondLately).toBeGreaterThan(50)
    expect(perSecondLately).toBeLessThan(65)
    expect(etaSeconds).toBeCloseTo(6_000 / perSecondLately!)
  })

  it('is kept in few marks, however many steps there are, and the newest is always among them', () => {
    const marks = marksOf(1_000, 1)
    expect(marks.length).toBeLessThan(16)
    expect(marks.at(-1)).toEqual({ at: BEGUN + 1_000_000, done: 1_000 })
  })

  it('is not known before a second of work, nor lately while nothing moved for a minute', () => {
    const none = { perSecond: null, perSecondLately: null, etaSeconds: null }
    expect(readPace(aDuplicateSearch({ createdAt: BEGUN }), BEGUN + 5_000)).toEqual(none)
    const marks = marksOf(10, 1)
    const still = aDuplicateSearch({ createdAt: BEGUN, marks, done: 10 })
    expect(readPace(still, BEGUN + 100_000)).toEqual({ ...none, perSecond: 1 })
  })

  it('of one that is paused has no end in sight, and of one that has ended stays as it was', () => {
    const marks = marksOf(10, 1)
    const paused = aDuplicateSearch({ createdAt: BEGUN, marks, done: 10, total: 20, state: 'paused' })
    expect(readPace(paused, BEGUN + 11_000)).toEqual({ perSecond: 1, perSecondLately: 1, etaSeconds: null })
    const ended = aDuplicateSearch({ ...paused, state: 'done', endedAt: BEGUN + 10_000 })
    expect(readPace(ended, BEGUN + 9_999_999)).toMatchObject({ perSecond: 1, perSecondLately: 1 })
  })

  it('does not suffer from a clock that was set back', () => {
    const marks = markedAfter(marksOf(10, 1), { at: BEGUN, done: 11 })
    expect(marks).toEqual([{ at: BEGUN, done: 11 }])
  })
})
