import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { metadataTexts, refuseRepeatedKeys } from './repeated-key.ts'

describe('a JSON text', () => {
  it('without a key that comes twice is let through, however it is written', () => {
    const indent = fc.constantFrom(0, 1, '\t', '\n \r')
    fc.assert(
      fc.property(fc.json({ maxDepth: 12 }), indent, (json, spaces) => {
        const text = ` ${JSON.stringify(JSON.parse(json), null, spaces)}\n`
        expect(() => refuseRepeatedKeys(text)).not.toThrow()
      }),
    )
  })

  it('whose key comes twice, anywhere, is refused with the path', () => {
    const inner = fc.json({ maxDepth: 6 })
    fc.assert(
      fc.property(fc.string(), inner, inner, (key, one, other) => {
        const name = JSON.stringify(key)
        const text = `[${one}, {"\\"}":${one}, "m": { ${name} :${one},\n"x${key.length}x": ${other}, ${name}:${other}} }]`
        if (!isJson(text)) return
        expect(() => refuseRepeatedKeys(text)).toThrow(
          expect.objectContaining({ path: ['1', 'm', key], status: 400 }),
        )
      }),
    )
  })

  it('may repeat what is not metadata', () => {
    expect(() => metadataTexts('{"a":1,"a":{"b":1,"b":2}}')).not.toThrow()
    expect(() => metadataTexts('{"metadata":{"b":1,"b":2}}')).toThrow('has metadata.b twice')
  })

  it('names no more of a stranger’s key than fits an answer', () => {
    const key = 'k'.repeat(50_000)
    expect(() => refuseRepeatedKeys(`{"${key}":1,"${key}":2}`)).toThrow(/^has k{256} twice$/)
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
