import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonContents } from './json-contents.ts'
import { JsonText } from './json-text.ts'

const writeJson = (value: object) => Buffer.concat([...new JsonContents(value).slices()]).toString()

describe('an answer in JSON', () => {
  it('puts texts in to the letter, wherever they stand', () => {
    const one = new JsonText('{"$1":1.0,"$&":[12345678901234567890]}')
    const answer = { a: one, list: [{ b: new JsonText('{}') }, one], text: '"$&"' }
    expect(writeJson(answer)).toBe(
      '{"a":{"$1":1.0,"$&":[12345678901234567890]},"list":[{"b":{}},{"$1":1.0,"$&":[12345678901234567890]}],"text":"\\"$&\\""}',
    )
  })

  it('writes all else as JSON.stringify does, after an answer that could not be written, too', () => {
    const loop: Record<string, unknown> = { text: new JsonText('{"lost":1}') }
    loop.self = loop
    expect(() => writeJson(loop)).toThrow()
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(writeJson(value)).toBe(JSON.stringify(value))
        expect(JSON.parse(writeJson({ value, text: new JsonText(JSON.stringify(value)) }))).toEqual(
          JSON.parse(JSON.stringify({ value, text: value })),
        )
      }),
    )
  })

  it('is made in slices, however long its texts are', () => {
    const text = JSON.stringify({ text: 'x'.repeat(60_000) })
    const items = Array.from({ length: 100 }, (_, id) => ({ id, metadata: new JsonText(text) }))
    const lengths = [...new JsonContents({ items }).slices()].map(({ byteLength }) => byteLength)
    expect(Math.max(...lengths)).toBeLessThan(200_000)
    expect(lengths.reduce((sum, length) => sum + length)).toBeGreaterThan(6_000_000)
  })
})
