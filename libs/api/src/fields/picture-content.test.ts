import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeBase64 } from './picture-content.ts'

const bytes = fc.uint8Array({ minLength: 0, maxLength: 200 })
const plain = (data: Uint8Array) => Buffer.from(data)

describe('decodeBase64', () => {
  it('reads whatever an encoder wrote, however it was dressed', () => {
    const dress = fc.record({
      isUrlSafe: fc.boolean(),
      isPadded: fc.boolean(),
      isWrapped: fc.boolean(),
      prefix: fc.constantFrom(
        '',
        'data:;base64,',
        'data:image/png;base64,',
        'data:image/jpeg;charset=x;base64,',
      ),
    })
    fc.assert(
      fc.property(bytes, dress, (data, { isUrlSafe, isPadded, isWrapped, prefix }) => {
        let text = plain(data).toString('base64')
        if (isUrlSafe) text = text.replaceAll('+', '-').replaceAll('/', '_')
        if (!isPadded) text = text.replaceAll('=', '')
        if (isWrapped) text = text.replace(/(.{7})/g, '$1\r\n')
        expect(plain(decodeBase64(prefix + text) ?? new Uint8Array([1, 2]))).toEqual(plain(data))
      }),
    )
  })

  it('refuses text with a character that is not Base64, wherever it stands', () => {
    const stranger = fc.constantFrom('!', '*', '.', ':', '%', '\u0000', 'é', '木', '\u{1f642}', '"', '\\')
    fc.assert(
      fc.property(bytes, stranger, fc.nat(), (data, character, at) => {
        const text = plain(data).toString('base64')
        const cut = at % (text.length + 1)
        expect(decodeBase64(text.slice(0, cut) + character + text.slice(cut))).toBeNull()
      }),
    )
  })

  it.each([
    'A',
    'AAAAA',
    '=',
    '==',
    '===',
    'QQ=',
    'QQ===',
    'QQ==QQ==',
    'Q=Q=',
    'data:image/png,AAAA',
    'https://x/y',
  ])('refuses %s', (text) => {
    expect(decodeBase64(text)).toBeNull()
  })
})
