import { describe, expect, it } from 'vitest'
import { retryDelayMs } from './retry-delay.ts'

const nowMs = Date.parse('2026-11-24T09:30:00Z')
const delayOf = (attempt: number, retryAfter: string | null, random = 0) =>
  retryDelayMs(attempt, { retryAfter, nowMs, random })

describe('retryDelayMs', () => {
  it('waits as long as the server asks, in seconds or until a date, five minutes at most', () => {
    expect(delayOf(1, '7')).toBe(7_000)
    expect(delayOf(5, 'Tue, 24 Nov 2026 09:30:12 GMT')).toBe(12_000)
    expect(delayOf(1, 'Tue, 24 Nov 2026 09:00:00 GMT')).toBe(0)
    expect(delayOf(1, '999999999')).toBe(300_000)
  })

  it('doubles from half a second to half a minute otherwise, less up to half of it', () => {
    expect([1, 2, 3, 4, 20].map((attempt) => delayOf(attempt, 'soon'))).toEqual([
      500, 1000, 2000, 4000, 30_000,
    ])
    expect(delayOf(2, null, 1)).toBe(500)
  })
})
