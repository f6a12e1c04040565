import { describe, expect, it } from 'vitest'
import { MAX_METADATA_TERMS, metadataTermOf, metadataTerms } from './metadata-terms.ts'

const has = (metadata: unknown, path: readonly string[], value: string) =>
  metadataTerms(JSON.stringify(metadata)).includes(metadataTermOf({ path, value }))

describe('terms of metadata', () => {
  it.each<[string, unknown, string]>([
    ['a string', 'Paris', 'Paris'],
    ['an empty string', '', ''],
    ['a number', 3.5, '3.5'],
    ['a large number, as JSON writes it', 1e21, '1e+21'],
    ['true', true, 'true'],
    ['null', null, 'null'],
    ['an element of an array', [1, ['vip']], 'vip'],
  ])('tell %s by its text', (_kind, value, text) => {
    expect(has({ city: value }, ['city'], text)).toBe(true)
    expect(has({ city: value }, ['city'], `${text}x`)).toBe(false)
    expect(has({ city: value }, ['town'], text)).toBe(false)
  })

  it.each([
    ['1.0', ['1.0', '1'], ['1.00']],
    ['-0', ['-0', '0'], []],
    ['1e2', ['1e2', '100'], []],
    ['12345678901234567890', ['12345678901234567890'], ['12345678901234567000', '12345678901234567891']],
    ['9007199254740993', ['9007199254740993'], ['9007199254740992']],
    ['1e400', ['1e400'], ['null', 'Infinity']],
  ])('tell the number %s by %j and not by %j', (number, texts, others) => {
    const terms = metadataTerms(`{"n":{"x":[${number}]}}`)
    const isTold = (value: string) => terms.includes(metadataTermOf({ path: ['n', 'x'], value }))
    expect(texts.filter(isTold)).toEqual(texts)
    expect(others.filter(isTold)).toEqual([])
    expect(terms).toHaveLength(texts.length)
  })

  it('tell nested keys from a key with a dot, and both from a slash or a newline', () => {
    expect(has({ a: { b: 1 } }, ['a', 'b'], '1')).toBe(true)
    expect(has({ a: { b: 1 } }, ['a.b'], '1')).toBe(false)
    expect(has({ 'a.b': 1 }, ['a.b'], '1')).toBe(true)
    expect(has({ 'a.b': 1 }, ['a', 'b'], '1')).toBe(false)
    expect(has({ 'a\nb': 1 }, ['a'], 'b\n1')).toBe(false)
    expect(has([{ a: [{ b: 1 }] }], ['a', 'b'], '1')).toBe(true)
  })

  it('reach what is named __proto__, and nothing that was not sent', () => {
    const metadata = '{"__proto__":{"x":1}}'
    expect(metadataTerms(metadata)).toEqual([metadataTermOf({ path: ['__proto__', 'x'], value: '1' })])
    expect(has({}, ['constructor', 'name'], 'Object')).toBe(false)
  })

  it('are not repeated, and are bounded', () => {
    expect(metadataTerms('{"a":[1,1,"1"],"b":{},"c":[]}')).toHaveLength(1)
    const many = Array.from({ length: 12_000 }, (_, i) => i)
    expect(metadataTerms(JSON.stringify({ many }))).toHaveLength(MAX_METADATA_TERMS)
  })
})
