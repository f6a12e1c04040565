import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { orAborted, untilFirst, untilTurn, withinTime } from './waiting.ts'

const never = () => new Promise<never>(() => {})
const reason = new Error('the caller left')

describe('orAborted', () => {
  it('answers with the work, and rejects with its fault', async () => {
    const { signal } = new AbortController()
    expect(await orAborted(Promise.resolve(1), signal)).toBe(1)
    expect(await orAborted(Promise.resolve(1), undefined)).toBe(1)
    await expect(orAborted(Promise.reject(reason), signal)).rejects.toBe(reason)
  })

  it('does not wait for work that goes on after the signal', async () => {
    const leaving = new AbortController()
    const waiting = orAborted(never(), leaving.signal)
    leaving.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(orAborted(never(), leaving.signal)).rejects.toBe(reason)
  })
})

describe('withinTime', () => {
  it('answers with work that is done in time', async () => {
    expect(await withinTime(Promise.resolve(1), { limitMs: 60_000, late: () => reason })).toBe(1)
  })

  it('rejects with the fault of being late once the time is over', async () => {
    await expect(withinTime(never(), { limitMs: 1, late: () => reason })).rejects.toBe(reason)
  })
})

describe('untilTurn', () => {
  it('takes one who leaves away at once, before anybody can give the turn', async () => {
    const waiting = new Set<() => void>()
    const leaving = new AbortController()
    const join = (begin: () => void) => {
      waiting.add(begin)
      return () => waiting.delete(begin)
    }
    const turn = untilTurn(join, leaving.signal)
    expect(waiting.size).toBe(1)
    leaving.abort(reason)
    expect(waiting.size).toBe(0)
    await expect(turn).rejects.toBe(reason)
  })

  it('takes nothing away from one whose turn has come', async () => {
    let takenAway = 0
    const leaving = new AbortController()
    const join = (begin: () => void) => {
      begin()
      return () => {
        takenAway += 1
      }
    }
    await untilTurn(join, leaving.signal)
    leaving.abort(reason)
    expect(takenAway).toBe(0)
  })

  it('does not even join once the signal has aborted', async () => {
    const join = () => expect.unreachable()
    await expect(untilTurn(join, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})

describe('untilFirst', () => {
  it('resolves with the first wait, and lets the others end', async () => {
    const others: AbortSignal[] = []
    const giveUp = (over: AbortSignal) => {
      others.push(over)
      return untilTurn(() => () => {}, over).catch(() => {})
    }
    const { signal } = new AbortController()
    await untilFirst((over) => [giveUp(over), Promise.resolve(), giveUp(over)], signal)
    expect(others.map(({ aborted }) => aborted)).toEqual([true, true])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('ends all of them when its signal aborts', async () => {
    const leaving = new AbortController()
    const waits = untilFirst((over) => [untilTurn(() => () => {}, over)], leaving.signal)
    leaving.abort(new Error('left'))
    await expect(waits).rejects.toThrow('left')
  })
})
