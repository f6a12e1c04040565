import { describe, expect, test } from 'vitest'
import { plainHost, readAllowList } from './allow-list.ts'

describe('allow list', () => {
  test('a host alone opens the ports of http and https, and no other', () => {
    const list = readAllowList(['minio.internal'])
    expect([80, 443, 9000].map((port) => list.has('minio.internal', port))).toEqual([true, true, false])
  })

  test('host:port opens just that port', () => {
    const list = readAllowList(['minio.internal:9000'])
    expect([80, 443, 9000].map((port) => list.has('minio.internal', port))).toEqual([false, false, true])
  })

  test('port 80 given explicitly opens just 80', () => {
    const list = readAllowList(['minio.internal:80'])
    expect([80, 443].map((port) => list.has('minio.internal', port))).toEqual([true, false])
  })

  test('names are compared without regard to case and to a trailing dot', () => {
    expect(readAllowList([' MinIO.Internal. ']).has('minio.internal', 443)).toBe(true)
  })

  test('an IPv6 literal is listed in brackets', () => {
    expect(readAllowList(['[::1]:9000']).has('::1', 9000)).toBe(true)
  })

  test('neither a subdomain nor a longer name is covered by an entry', () => {
    const list = readAllowList(['example.com'])
    expect(list.has('evil.example.com', 443)).toBe(false)
    expect(list.has('example.com.evil.test', 443)).toBe(false)
  })

  test.each([
    '',
    'http://minio.internal',
    'a b',
    'host:',
    'host:99999',
    'user@host',
    'host/path',
    '::1',
  ])('an entry %j is refused by name', (entry) => {
    expect(() => readAllowList([entry])).toThrow(TypeError)
    expect(() => readAllowList([entry])).toThrow(JSON.stringify(entry))
  })

  test('the plain host of a link is without brackets and trailing dot', () => {
    expect(plainHost(new URL('http://[::1]:80/'))).toBe('::1')
    expect(plainHost(new URL('http://example.com./'))).toBe('example.com')
  })
})
