import { describe, expect, it } from 'vitest'
import { fieldText, indented, withField } from '../../apps/console/src/routes/people/person/metadata-text.ts'

const TRICKY =
  '{"a":12345678901234567890,"b":[1.0,-0,{"metadata":"}\\"],{"}],"c":{},"d":[],"__proto__":1e400}'

describe('the text of metadata', () => {
  it('is taken out of a person’s as it stands, whatever lies around and within it', () => {
    const json = `{"name":"\\"metadata\\":{","groups":["x"], "metadata" : ${TRICKY} ,"id":"1"}`
    expect(fieldText(json, 'metadata')).toBe(TRICKY)
    expect(fieldText(`{"id":"1","metadata":${TRICKY}}`, 'metadata')).toBe(TRICKY)
    expect(fieldText('{"x":{"metadata":{}}}', 'metadata')).toBeNull()
  })

  it('gets a line for each value, and says the same', () => {
    expect(indented('{"a":1.0,"b":[],"c":{"d":[1,2]}}')).toBe(
      '{\n  "a": 1.0,\n  "b": [],\n  "c": {\n    "d": [\n      1,\n      2\n    ]\n  }\n}',
    )
    expect(indented(indented(TRICKY))).toBe(indented(TRICKY))
    expect(JSON.parse(indented(TRICKY))).toEqual(JSON.parse(TRICKY))
    const plain = { a: [1, { b: null }], c: 'x y', d: {} }
    expect(indented(JSON.stringify(plain))).toBe(JSON.stringify(plain, null, 2))
  })

  it('goes into a body beside other fields, or alone', () => {
    expect(withField({ name: 'Ada' }, 'metadata', TRICKY)).toBe(`{"name":"Ada","metadata":${TRICKY}}`)
    expect(withField({}, 'metadata', '{}')).toBe('{"metadata":{}}')
  })
})
