import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTime } from './parse-time.ts'

describe('parseTime', () => {
  it.each([
    ['2030-01-02T03:04:05Z', '2030-01-02T03:04:05.000Z'],
    ['2030-01-02T03:04:05.678Z', '2030-01-02T03:04:05.678Z'],
    ['2030-01-02T03:04:05.678901', '2030-01-02T03:04:05.678Z'],
    ['2030-01-02T03:04:05.6+02:00', '2030-01-02T01:04:05.600Z'],
    ['2030-01-02T03:04:05-0130', '2030-01-02T04:34:05.000Z'],
    ['2030-01-02T03:04:05+02', '2030-01-02T01:04:05.000Z'],
    ['2030-01-02T03:04', '2030-01-02T03:04:00.000Z'],
    ['2030-01-02 03:04:05', '2030-01-02T03:04:05.000Z'],
    ['2030-01-02', '2030-01-02T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59z', '9999-12-31T23:59:59.000Z'],
  ])('reads %s', (text, expected) => {
    expect(new Date(parseTime(text) ?? 0).toISOString()).toBe(expected)
  })

  it.each([
    '',
    'now',
    '2030',
    '2030-1-2',
    '2030-02-30',
    '2029-02-29',
    '2030-13-01',
    '2030-00-10',
    '2030-01-01T24:00:00Z',
    '2030-01-01T10:60Z',
    '2030-01-01T10:00:00+99:00',
    '1900000000',
    '01/02/2030',
    '2030-01-01T10:00:00Z ',
  ])('refuses %j', (text) => {
    expect(parseTime(text)).toBeNull()
  })

  it('reads back every time that JavaScript writes', () => {
    const inOurEra = { min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }
    fc.assert(
      fc.property(fc.date(inOurEra), (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime())
      }),
    )
  })
})
