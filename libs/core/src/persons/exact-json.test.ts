import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exactNumberText, parseExactJson, plainNumberText } from './exact-json.ts'

describe('parseExactJson', () => {
  it.each([
    '-0',
    '1.0',
    '1e2',
    '1E400',
    '-1e-400',
    '12345678901234567890',
    '0.1000000000000000055511151231257827',
  ])('keeps %s to the digit', (number) => {
    expect(exactNumberText(parseExactJson(number))).toBe(number)
    const text = `{"__proto__":{"n":${number}},"list":[${number},"${number}"]}`
    expect(JSON.stringify(parseExactJson(text))).toBe(text)
  })

  it('reads what JavaScript writes as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const text = JSON.stringify(JSON.parse(json))
        expect(parseExactJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })
})

describe('plainNumberText', () => {
  it.each([
    ['1.0', '1'],
    ['-0', '0'],
    ['-0.0e5', '0'],
    ['0.10', '0.1'],
    ['1e2', '100'],
    ['120E-1', '12'],
    ['1E21', '1e+21'],
    ['10000000000000000', '10000000000000000'],
  ])('writes %s as %s', (text, plain) => {
    expect(plainNumberText(text)).toBe(plain)
  })

  it.each([
    '1e400',
    '-1e-400',
    '9007199254740993',
    '0.1000000000000000055511151231257827',
  ])('does not write %s, which no double is', (text) => {
    expect(plainNumberText(text)).toBeNull()
  })
})
