import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readAllowList } from './allow-list.ts'
import { checkLink, checkRedirect, type LinkTarget } from './link-rules.ts'
import { isPublicAddress } from './public-address.ts'

const nobody = readAllowList([])

function aTarget(link: string): LinkTarget {
  const { target } = checkLink(link, nobody)
  if (target === undefined) throw new Error(`refused: ${link}`)
  return target
}

describe('links', () => {
  test.each([
    'ftp://a.test/x',
    'file:///etc/passwd',
    's3://bucket/key',
    'gs://bucket/key',
    'data:image/png,x',
    'javascript:1',
  ])('a link of another scheme is an unsupported one: %s', (link) => {
    expect(checkLink(link, nobody).refusal).toBe('unsupported-scheme')
  })

  test.each([
    '',
    'picture.jpg',
    '/etc/passwd',
    'http://',
    'http://[::1',
    'http://a.test:99999/',
    'http://a b.test/',
  ])('what is no absolute link is an invalid one: %j', (link) => {
    expect(checkLink(link, nobody).refusal).toBe('invalid-link')
  })

  test.each([
    'http://user@a.test/',
    'http://user:pass@a.test/',
    'http://:pass@a.test/',
    'http://1.1.1.1@127.0.0.1/',
  ])('a link with credentials is an invalid one: %s', (link) => {
    expect(checkLink(link, nobody).refusal).toBe('invalid-link')
  })

  test('a link longer than 8192 characters is an invalid one', () => {
    expect(checkLink(`http://a.test/${'x'.repeat(8_192)}`, nobody).refusal).toBe('invalid-link')
  })

  test.each([
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '017700000001',
    '127.1',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '①②⑦.⓪.⓪.①',
  ])('a numeric host in disguise is seen as the address that it is: %s', (host) => {
    expect(aTarget(`http://${host}/`).host).toBe('127.0.0.1')
  })

  test('an IPv4 address inside IPv6 brackets stays an address that is not public', () => {
    expect(isPublicAddress(aTarget('http://[::ffff:169.254.169.254]/').host)).toBe(false)
    expect(isPublicAddress(aTarget('http://[0:0:0:0:0:0:7f00:1]/').host)).toBe(false)
  })

  test('a trailing dot does not make another host', () => {
    expect(aTarget('http://localhost./').host).toBe('localhost')
    expect(checkLink('http://localhost../', nobody).refusal).toBe('invalid-link')
  })

  test.each([
    'http://a.test:22/',
    'http://a.test:6379/',
    'https://a.test:8443/',
    'http://a.test:0/',
  ])('a port that is neither 80 nor 443 is closed: %s', (link) => {
    expect(checkLink(link, nobody).refusal).toBe('address-not-allowed')
  })

  test('a port is open where the operator listed host:port', () => {
    const { target } = checkLink('http://MINIO.internal.:9000/a', readAllowList(['minio.internal:9000']))
    expect(target).toMatchObject({ host: 'minio.internal', port: 9000, isAllowListed: true })
  })

  test('no text whatsoever makes the check throw, and what passes is http or https without credentials', () => {
    const likely = fc.stringMatching(/^(https?|ftp):\/\/[-@:.[\]%a-f0-9/\\?#]{0,40}$/)
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), likely), (link) => {
        const { target, refusal } = checkLink(link, nobody)
        if (target === undefined) return refusal !== undefined
        const { protocol, username, password } = target.url
        return /^https?:$/.test(protocol) && username + password === '' && [80, 443].includes(target.port)
      }),
    )
  })
})

describe('redirects', () => {
  test('a relative one stays on its host', () => {
    const { target } = checkRedirect(aTarget('https://a.test/b/c'), '../d', nobody)
    expect(target?.url.href).toBe('https://a.test/d')
  })

  test('from https to http is refused', () => {
    expect(checkRedirect(aTarget('https://a.test/'), 'http://a.test/', nobody).refusal).toBe(
      'unsupported-scheme',
    )
  })

  test('from http to https goes on', () => {
    expect(checkRedirect(aTarget('http://a.test/'), 'https://b.test/', nobody).target?.host).toBe('b.test')
  })

  test.each([
    ['file:///etc/passwd', 'unsupported-scheme'],
    ['http://user:pass@b.test/', 'invalid-link'],
    ['http://b.test:6379/', 'address-not-allowed'],
    ['http://[', 'invalid-link'],
  ])('the rules hold for the next hop: %s', (location, reason) => {
    expect(checkRedirect(aTarget('http://a.test/'), location, nobody).refusal).toBe(reason)
  })
})
