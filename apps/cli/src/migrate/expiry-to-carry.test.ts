import { describe, expect, it } from 'vitest'
import { expiryToCarry } from './expiry-to-carry.ts'

const now = Date.parse('2026-11-24T09:30:00Z')

describe('expiryToCarry', () => {
  it.each([
    ['2030-01-02T03:04:05.678Z', '2030-01-02T03:04:05.678Z'],
    ['2030-01-02T03:04:05+02:00', '2030-01-02T01:04:05.000Z'],
    ['2030-01-02T03:04:05.678901', '2030-01-02T03:04:05.678Z'],
    ['2030-01-02 03:04', '2030-01-02T03:04:00.000Z'],
    ['2030-01-02', '2030-01-02T00:00:00.000Z'],
    ['Wed, 02 Jan 2030 03:04:05 GMT', '2030-01-02T03:04:05.000Z'],
  ])('carries %s, in UTC where it names no zone', (text, expireAt) => {
    expect(expiryToCarry(text, now)).toEqual({ outcome: 'at', expireAt })
  })

  it.each([null, undefined, ''])('takes %j for no end', (text) => {
    expect(expiryToCarry(text, now)).toEqual({ outcome: 'never' })
  })

  it('tells who has expired from who cannot be read', () => {
    expect(expiryToCarry('2026-11-24T09:30:00', now)).toEqual({ outcome: 'past' })
    expect(expiryToCarry('next year', now)).toEqual({ outcome: 'unreadable' })
  })
})
