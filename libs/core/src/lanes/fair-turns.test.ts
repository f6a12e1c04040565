import { describe, expect, it } from 'vitest'
import { FairTurns } from './fair-turns.ts'

const SETUP = { patienceMs: 100, oneIn: 4 }

describe('fair turns', () => {
  it('give one start in so many to what is overdue, and the first ones to the more urgent', () => {
    const turns = new FairTurns(SETUP)
    const due = Array.from({ length: 8 }, () => turns.next(100))
    expect(due).toEqual([false, false, false, true, false, false, false, true])
  })

  it('give none to what is not overdue, and count anew after that', () => {
    const turns = new FairTurns(SETUP)
    for (let i = 0; i < 3; i++) turns.next(100)
    expect(turns.next(99)).toBe(false)
    expect([1, 2, 3, 4].map(() => turns.next(100))).toEqual([false, false, false, true])
  })

  it('stay due until the start is told, where starts are told apart from the question', () => {
    const turns = new FairTurns(SETUP)
    for (let i = 0; i < 3; i++) turns.started('urgent')
    expect([turns.isDue(100), turns.isDue(100)]).toEqual([true, true])
    turns.started('other')
    expect(turns.isDue(100)).toBe(false)
  })
})
