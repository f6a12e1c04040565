import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fingerprint, NO_TEXT } from '../main/fingerprint.ts'
import { uuidKey, uuidText } from './uuid-key.ts'

describe('uuidKey', () => {
  it('keeps every digit of a UUID', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const key = uuidKey(id)
        expect(key === null ? null : uuidText(key)).toBe(id)
      }),
    )
  })

  it.each([
    '',
    '0190a1b2-0000-7000-8000-00000000000',
    '0190A1B2-0000-7000-8000-000000000000',
    '0190a1b2-0000-7000-8000-00000000000g',
    '0190a1b200000-7000-8000-000000000000',
    '0190a1b2-0000-7000-8000-00000000000é',
  ])('takes no other text: %j', (text) => {
    expect(uuidKey(text)).toBeNull()
  })
})

describe('fingerprint', () => {
  it('is the same for the same text and differs for texts that differ in anything', () => {
    const texts = [
      '',
      ' ',
      'Ada',
      'ada',
      'Ada ',
      '\ud800',
      '\udfff',
      '\ufffd',
      '"\\ud800"',
      'A\u030a',
      '\u00c5',
    ]
    const seen = new Set([...texts.map((text) => fingerprint(text).join()), NO_TEXT.join()])
    expect(seen.size).toBe(texts.length + 1)
    expect(fingerprint('Ada')).toEqual(fingerprint('Ada'))
  })
})
