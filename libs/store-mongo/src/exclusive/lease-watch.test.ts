import { describe, expect, it } from 'vitest'
import type { LeaseRecord } from './lease-records.ts'
import { LeaseWatch, nameTurn } from './lease-watch.ts'

const LEASE = 15_000
const OTHER = nameTurn('other', 1)

function aRecord(given: Partial<LeaseRecord> = {}): LeaseRecord {
  return { _id: 'key', holder: OTHER, counter: 7, wanted: null, committed: null, ...given }
}

/** Looks that each take 10 ms. */
function aWatch() {
  const watch = new LeaseWatch({ leaseMs: LEASE, process: 'me' })
  return (at: number, record: LeaseRecord) => watch.judge({ record, askedAt: at, cameAt: at + 10 })
}

describe('LeaseWatch', () => {
  it('takes a free key at once, as it was seen', () => {
    expect(aWatch()(0, aRecord({ holder: null }))).toEqual({
      act: 'take',
      seen: { holder: null, counter: 7 },
    })
  })

  it('takes what an earlier turn of its own process left', () => {
    expect(aWatch()(0, aRecord({ holder: nameTurn('me', 3) })).act).toBe('take')
    expect(aWatch()(0, aRecord({ holder: nameTurn('me-too', 3) })).act).toBe('wait')
  })

  it('takes a held key only when its counter stood still from the first answer for a whole lease', () => {
    const look = aWatch()
    expect(look(0, aRecord()).act).toBe('wait')
    expect(look(LEASE + 9, aRecord()).act).toBe('wait')
    expect(look(LEASE + 10, aRecord())).toEqual({ act: 'take', seen: { holder: OTHER, counter: 7 } })
  })

  it('waits a whole lease anew with each sign of life, however late it is seen', () => {
    const look = aWatch()
    look(0, aRecord())
    expect(look(10 * LEASE, aRecord({ counter: 8 })).act).toBe('wait')
    expect(look(11 * LEASE, aRecord({ counter: 8 })).act).toBe('wait')
    expect(look(11 * LEASE + 10, aRecord({ counter: 8 })).act).toBe('take')
  })

  it('takes nothing for still that changed hands, whatever the counter', () => {
    const look = aWatch()
    look(0, aRecord())
    expect(look(2 * LEASE, aRecord({ holder: nameTurn('third', 1) })).act).toBe('wait')
  })

  it('looks again at a key that stands still as soon as it may be taken', () => {
    const look = aWatch()
    look(0, aRecord({ counter: 6 }))
    look(60_000, aRecord())
    expect(look(60_010 + LEASE - 600, aRecord())).toMatchObject({ act: 'wait', delayMs: 590 })
    expect(look(60_010 + LEASE - 20, aRecord())).toMatchObject({ act: 'wait', delayMs: 25 })
  })

  it('leaves a free key to the process that is next in line, but not for long', () => {
    const look = aWatch()
    const record = aRecord({ holder: null, wanted: 'other' })
    expect(look(0, record).act).toBe('wait')
    expect(look(500, record).act).toBe('wait')
    expect(look(510, record).act).toBe('take')
    expect(aWatch()(0, aRecord({ holder: null, wanted: 'me' })).act).toBe('take')
  })

  it('looks the more rarely the longer one turn lasts, and often again at the next', () => {
    const look = aWatch()
    const delayAt = (at: number, record: LeaseRecord) => {
      const verdict = look(at, record)
      return verdict.act === 'wait' ? verdict.delayMs : null
    }
    const beats = [0, 400, 2000, 10_000, 100_000].map((at, counter) => delayAt(at, aRecord({ counter })))
    expect(beats).toEqual([25, 50, 250, 1250, 2000])
    expect(delayAt(100_500, aRecord({ holder: nameTurn('third', 1), counter: 9 }))).toBe(25)
  })
})
