import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { isPassingRefusal, type LinkRefusal } from '@semblance/core'
import { afterEach, describe, expect, test } from 'vitest'
import { dialPinned } from './dial.ts'
import type { LookupHost } from './lookup-host.ts'
import {
  closeAll,
  closeOf,
  closers,
  links,
  loopback,
  PICTURE,
  reasonOf,
  serve,
  serveRaw,
} from './testing/link-rig.ts'

afterEach(closeAll)

describe('fetching', () => {
  test('an allow-listed host gives its bytes', async () => {
    const { port } = await serve((_request, response) => response.end(PICTURE))
    const outcome = await links({ allow: [port] }).fetch(`http://pictures.test:${port}/a.jpg?x=1`)
    expect(outcome).toMatchObject({ outcome: 'fetched', bytes: PICTURE })
  })

  test('the bytes lie in memory of their own, which a worker thread can take over', async () => {
    const { port } = await serve((_request, response) => response.end('tiny'))
    const outcome = await links({ allow: [port] }).fetch(`http://pictures.test:${port}/`)
    expect(outcome.outcome === 'fetched' && outcome.bytes.buffer.byteLength).toBe(4)
  })

  test('a target learns nothing but host, path and the fixed headers', async () => {
    process.env.HTTP_PROXY = 'http://127.0.0.1:9'
    closers.push(async () => delete process.env.HTTP_PROXY)
    let seen: Record<string, unknown> = {}
    const { port } = await serve((request, response) => {
      seen = { url: request.url, ...request.headers }
      response.setHeader('set-cookie', 'a=b').end()
    })
    const fetcher = links({ allow: [port] })
    await fetcher.fetch(`http://pictures.test:${port}/first`)
    await fetcher.fetch(`http://pictures.test:${port}/b?c=d#fragment`)
    expect(seen).toEqual({
      url: '/b?c=d',
      host: `pictures.test:${port}`,
      connection: 'close',
      'user-agent': 'semblance-image-links',
      accept: 'image/*, */*;q=0.1',
      'accept-encoding': 'identity',
    })
  })

  test('every outcome is told to the observer', async () => {
    const { port } = await serve((_request, response) => response.end(PICTURE))
    const seen: ('fetched' | LinkRefusal)[] = []
    const fetcher = links({ allow: [port], observe: (outcome) => seen.push(outcome) })
    await fetcher.fetch(`http://pictures.test:${port}/`)
    await fetcher.fetch('ftp://pictures.test/')
    expect(seen).toEqual(['fetched', 'unsupported-scheme'])
  })

  test('no more connections are open at once than allowed, and all links are served in the end', async () => {
    let open = 0
    let peak = 0
    const { port } = await serve((_request, response) => {
      open += 1
      peak = Math.max(peak, open)
      // Long enough for a third connection to arrive, were it allowed to.
      setTimeout(() => {
        open -= 1
        response.end(PICTURE)
      }, 20)
    })
    const fetcher = links({ allow: [port], slots: { all: 2, perHost: 2, waiting: 9, waitingPerHost: 9 } })
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => fetcher.fetch(`http://pictures.test:${port}/`)),
    )
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(6).fill('fetched'))
    expect(peak).toBe(2)
  })
})

describe('addresses', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://0/',
  ])('a literal address that is not public is refused without a connection: %s', async (link) => {
    const dial = () => expect.fail('dialled')
    expect(await reasonOf(links({ dial }), link)).toBe('address-not-allowed')
  })

  test.each([
    'localhost',
    'localhost.',
    'internal.test',
  ])('a name that leads only to addresses that are not public is refused without a connection: %s', async (host) => {
    const dial = () => expect.fail('dialled')
    const lookup: LookupHost = async () => ['127.0.0.1', '::1', '10.0.0.1']
    expect(await reasonOf(links({ lookup, dial }), `http://${host}/`)).toBe('address-not-allowed')
  })

  test.each([
    ['::ffff:127.0.0.1'],
    ['::ffff:a9fe:a9fe'],
    ['0.0.0.0'],
    ['fe80::1%lo'],
    ['64:ff9b::a9fe:a9fe'],
    ['not an address'],
  ])('a name server that answers %s is not believed', async (answer) => {
    const dial = () => expect.fail('dialled')
    expect(await reasonOf(links({ lookup: async () => [answer], dial }), 'http://a.test/')).toBe(
      'address-not-allowed',
    )
  })

  test('of mixed answers only the public addresses are dialled', async () => {
    const dialled: (readonly string[])[] = []
    const fetcher = links({
      lookup: async () => ['10.0.0.1', '8.8.8.8', '64:ff9b::808:808', '2606:4700::1111'],
      dial: (_target, addresses) => {
        dialled.push(addresses)
        return new Socket().destroy(new Error('enough'))
      },
    })
    await fetcher.fetch('http://mixed.test/')
    expect(dialled).toEqual([['8.8.8.8', '2606:4700::1111']])
  })

  test('a name server that changes its mind is asked once, and its first answer is the one dialled', async () => {
    const answers = [['8.8.8.8'], ['127.0.0.1']]
    const asked: string[] = []
    const dialled: string[] = []
    const fetcher = links({
      lookup: async (host) => {
        asked.push(host)
        return answers.shift() ?? []
      },
      dial: (_target, addresses) => {
        dialled.push(...addresses)
        return new Socket().destroy(new Error('enough'))
      },
    })
    await fetcher.fetch('http://rebind.test/')
    expect(asked).toEqual(['rebind.test'])
    expect(dialled).toEqual(['8.8.8.8'])
  })

  test('the pinned dial connects to the address it is given, whatever the name would resolve to', async () => {
    const { port } = await serve((_request, response) => response.end())
    const target = {
      url: new URL('http://example.com'),
      host: 'example.com',
      port,
      isSecure: false,
      isAllowListed: false,
    }
    const socket = dialPinned(target, ['127.0.0.1'])
    await once(socket, 'connect')
    expect(socket.remoteAddress).toBe('127.0.0.1')
    socket.destroy()
  })

  test('a socket that leads to a private address after all is dropped before a byte is sent', async () => {
    let bytes = 0
    const port = await serveRaw(() => {
      bytes += 1
    })
    const fetcher = links({ lookup: async () => ['8.8.8.8'], dial: () => connect(port, '127.0.0.1') })
    expect(await reasonOf(fetcher, 'http://public.test/')).toBe('address-not-allowed')
    expect(bytes).toBe(0)
  })

  test('a name without an address is unknown, and unreachable if no name server can tell', async () => {
    const failing: LookupHost = async () => Promise.reject(new Error('ENOTFOUND secret.test'))
    expect(await reasonOf(links({ lookup: failing }), 'http://secret.test/')).toBe('unreachable')
    expect(await reasonOf(links({ lookup: async () => [] }), 'http://secret.test/')).toBe('unknown-host')
  })

  test('another name for an allow-listed address is not allow-listed', async () => {
    const { port } = await serve((_request, response) => response.end(PICTURE))
    const fetcher = links({ allow: [port, `127.0.0.1:${port}`], lookup: loopback })
    expect(await reasonOf(fetcher, `http://127.0.0.1:${port}/`)).toBe('fetched')
    expect(await reasonOf(fetcher, `http://other.test:${port}/`)).toBe('address-not-allowed')
    expect(await reasonOf(fetcher, 'http://other.test/')).toBe('address-not-allowed')
  })

  test('a closed port of an allow-listed host is unreachable', async () => {
    const { port, server } = await serve(() => undefined)
    server.close()
    await once(server, 'close')
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('unreachable')
  })
})

describe('redirects', () => {
  async function redirecting(location: (port: number) => string, status = 302) {
    const hits: string[] = []
    const { port } = await serve((request, response) => {
      hits.push(request.url ?? '')
      if (request.url === '/picture') response.end(PICTURE)
      else response.writeHead(status, { location: location(port) }).end('a body nobody reads')
    })
    return { port, hits, link: `http://pictures.test:${port}/start` }
  }

  test.each([301, 302, 303, 307, 308])('status %i is followed', async (status) => {
    const { port, link } = await redirecting(() => '/picture', status)
    expect(await reasonOf(links({ allow: [port] }), link)).toBe('fetched')
  })

  test('a hop to a private literal address is refused', async () => {
    const { port, link } = await redirecting(() => 'http://169.254.169.254/latest/meta-data/')
    expect(await reasonOf(links({ allow: [port] }), link)).toBe('address-not-allowed')
  })

  test.each([
    'http://2130706433/',
    'http://0x7f000001/',
    'http://017700000001/',
    'http://[::ffff:169.254.169.254]/',
    '//169.254.169.254/latest/meta-data/',
    'http://169.254.169.254:80/',
    'http://pictures.test:22/',
  ])('a hop in disguise is seen through: %s', async (location) => {
    const { port, link, hits } = await redirecting(() => location)
    expect(await reasonOf(links({ allow: [port] }), link)).toBe('address-not-allowed')
    expect(hits).toEqual(['/start'])
  })

  test('a name that moves to a private address between two hops is asked again and refused', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    const { port, link } = await redirecting(() => 'http://moving.test/picture')
    const lookup: LookupHost = async () => answers.pop() ?? []
    expect(await reasonOf(links({ allow: [port], lookup }), link)).toBe('address-not-allowed')
    expect(await reasonOf(links({ allow: [port], lookup }), link)).toBe('address-not-allowed')
  })

  test('a hop to a name with a private address is refused', async () => {
    const { port, link } = await redirecting(() => 'http://internal.test/')
    const lookup: LookupHost = async () => ['10.0.0.1']
    expect(await reasonOf(links({ allow: [port], lookup }), link)).toBe('address-not-allowed')
  })

  test('a hop back to the same server under another name is refused', async () => {
    const { port, link, hits } = await redirecting((port) => `http://127.0.0.1:${port}/picture`)
    expect(await reasonOf(links({ allow: [port] }), link)).toBe('address-not-allowed')
    expect(hits).toEqual(['/start'])
  })

  test.each([
    ['ftp://pictures.test/', 'unsupported-scheme'],
    ['file:///etc/passwd', 'unsupported-scheme'],
    ['http://a:b@pictures.test/', 'invalid-link'],
  ])('a hop to %s is refused', async (location, reason) => {
    const { port, link } = await redirecting(() => location)
    expect(await reasonOf(links({ allow: [port] }), link)).toBe(reason)
  })

  test('a circle ends after the allowed number of hops', async () => {
    const { port, link, hits } = await redirecting(() => '/start')
    expect(await reasonOf(links({ allow: [port], maxRedirects: 2 }), link)).toBe('too-many-redirects')
    expect(hits).toHaveLength(3)
  })

  test('a redirect without a location is a bad status', async () => {
    const { port } = await serve((_request, response) => response.writeHead(302).end())
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('bad-status')
  })
})

describe('answers', () => {
  test.each([204, 300, 304, 400, 401, 403, 404])('status %i is a bad status', async (status) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end())
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('bad-status')
  })

  test.each([408, 429, 500, 502, 503, 504])('status %i tells that the host is away', async (status) => {
    const { port } = await serve((_request, response) => response.writeHead(status).end())
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('unreachable')
  })

  test('nothing of what the target says is in the outcome', async () => {
    const { port } = await serve((_request, response) =>
      response.writeHead(403, 'secret reason').end('secret body'),
    )
    const outcome = await links({ allow: [port] }).fetch(`http://pictures.test:${port}/`)
    expect(outcome).toEqual({ outcome: 'refused', reason: 'bad-status' })
  })

  test('an announced size over the limit is refused before the body comes', async () => {
    const { port } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 64_001 })
      response.flushHeaders()
    })
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('too-large')
  })

  test('a body of exactly the limit passes', async () => {
    const { port } = await serve((_request, response) => response.end(new Uint8Array(64_000)))
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('fetched')
  })

  test('an endless body is cut at the limit, and its connection closed', async () => {
    let closed: Promise<void> = Promise.resolve()
    const { port } = await serve((request, response) => {
      closed = closeOf(request.socket)
      const pour = () => {
        while (!response.destroyed && response.write(new Uint8Array(8_000)));
      }
      response.on('drain', pour)
      pour()
    })
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('too-large')
    await closed
  })

  test('a compressed answer is refused, however small it is', async () => {
    const bomb = gzipSync(new Uint8Array(1_000_000))
    const { port } = await serve((_request, response) =>
      response.setHeader('content-encoding', 'gzip').end(bomb),
    )
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('bad-status')
  })

  test('of a body longer than announced nothing more than announced is taken', async () => {
    const port = await serveRaw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcdef'))
    const outcome = await links({ allow: [port] }).fetch(`http://pictures.test:${port}/`)
    expect(outcome).toMatchObject({ outcome: 'fetched', bytes: Uint8Array.from(Buffer.from('abc')) })
  })

  test.each([
    ['a length that is no number', 'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nabc'],
    ['a length beyond all numbers', 'HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nabc'],
    [
      'both a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n1\r\na',
    ],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['two lengths at odds', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc'],
    ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`],
    ['no HTTP at all', '+OK redis says hello\r\n'],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
    ],
    ['a part that nobody asked for', 'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-2/9\r\n\r\nabc'],
    ['a part without a range', 'HTTP/1.1 206 Partial\r\ncontent-length: 3\r\n\r\nabc'],
  ])('%s is an invalid answer', async (_name, answer) => {
    const port = await serveRaw((socket) => socket.end(answer))
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe('invalid-answer')
  })

  test.each([
    ['a body shorter than announced', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'incomplete'],
    [
      'chunks without the last',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc',
      'incomplete',
    ],
    ['nothing', '', 'unreachable'],
  ])('%s may pass', async (_name, answer, reason) => {
    const port = await serveRaw((socket) => socket.end(answer))
    expect(await reasonOf(links({ allow: [port] }), `http://pictures.test:${port}/`)).toBe(reason)
    expect(isPassingRefusal(reason as LinkRefusal)).toBe(true)
  })
})
