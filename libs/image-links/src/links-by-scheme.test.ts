import { once } from 'node:events'
import { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { LinkSource } from './link-source.ts'
import type { LookupHost } from './lookup-host.ts'
import { closeAll, closeOf, links, reasonOf, serve } from './testing/link-rig.ts'

afterEach(closeAll)

describe('time', () => {
  const timeoutMs = 150

  test('a name server that never answers', async () => {
    const lookup: LookupHost = () => new Promise(() => undefined)
    expect(await reasonOf(links({ lookup, timeoutMs }), 'http://slow.test/')).toBe('timeout')
  })

  test('a connection that never opens is given up and freed', async () => {
    const sockets: Socket[] = []
    const dial = () => {
      const socket = new Socket()
      sockets.push(socket)
      return socket
    }
    const fetcher = links({ lookup: async () => ['8.8.8.8'], dial, timeoutMs })
    expect(await reasonOf(fetcher, 'http://hole.test/')).toBe('timeout')
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true])
  })

  test('headers that never come', async () => {
    const { port } = await serve(() => undefined)
    expect(await reasonOf(links({ allow: [port], timeoutMs }), `http://pictures.test:${port}/`)).toBe(
      'timeout',
    )
  })

  test('a body that stops half way', async () => {
    const { port } = await serve((_request, response) => response.writeHead(200).write('half'))
    expect(await reasonOf(links({ allow: [port], timeoutMs }), `http://pictures.test:${port}/`)).toBe(
      'timeout',
    )
  })

  test('a body that drips for ever', async () => {
    const { port } = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 5)
      response.once('close', () => clearInterval(drip))
    })
    expect(await reasonOf(links({ allow: [port], timeoutMs }), `http://pictures.test:${port}/`)).toBe(
      'timeout',
    )
  })

  test('slow redirects share one deadline', async () => {
    const { port } = await serve((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60)
    })
    const fetcher = links({ allow: [port], timeoutMs, maxRedirects: 1_000 })
    expect(await reasonOf(fetcher, `http://pictures.test:${port}/`)).toBe('timeout')
  })

  test('the time spent waiting for a free connection counts, and is not laid to the host', async () => {
    const { port } = await serve(() => undefined)
    const fetcher = links({
      allow: [port],
      slots: { all: 1, perHost: 1, waiting: 9, waitingPerHost: 9 },
      timeoutMs,
    })
    const [first, second] = [1, 2].map(() => reasonOf(fetcher, `http://pictures.test:${port}/`))
    const unfetched = expect(second).rejects.toMatchObject({ code: 'E_OVERLOADED', retryAfterSeconds: 5 })
    expect(await first).toBe('timeout')
    await unfetched
  })

  test('a host that got less of the time than the wait before it is not to blame', async () => {
    const { port } = await serve((request, response) => {
      if (request.url === '/first') setTimeout(() => response.writeHead(404).end(), (timeoutMs * 2) / 3)
    })
    const fetcher = links({
      allow: [port],
      slots: { all: 1, perHost: 1, waiting: 9, waitingPerHost: 9 },
      timeoutMs,
    })
    const first = reasonOf(fetcher, `http://pictures.test:${port}/first`)
    const second = reasonOf(fetcher, `http://pictures.test:${port}/second`)
    const unfetched = expect(second).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    expect(await first).toMatch(/^(bad-status|timeout)$/)
    await unfetched
  })
})

describe('a caller with less time than a link has', () => {
  test('hears of the timeout in that time', async () => {
    const { port } = await serve(() => undefined)
    const fetcher = links({ allow: [port], timeoutMs: 60_000 })
    const outcome = await fetcher.fetch(`http://pictures.test:${port}/`, { timeoutMs: 50 })
    expect(outcome).toEqual({ outcome: 'refused', reason: 'timeout' })
  })
})

describe('many links at once', () => {
  const slots = { all: 3, perHost: 2, waiting: 2, waitingPerHost: 1 }
  const hanging: LookupHost = (_host, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

  test('of one host are refused at once beyond its share, and leave the others theirs', async () => {
    const fetcher = links({ lookup: hanging, slots, timeoutMs: 500 })
    const slow = [1, 2, 3].map(() => reasonOf(fetcher, 'http://slow.test/').catch((fault) => fault.code))
    await expect(fetcher.fetch('http://slow.test/')).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    await expect(fetcher.fetch('http://SLOW.test:443/')).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    expect(await reasonOf(fetcher, 'ftp://other.test/')).toBe('unsupported-scheme')
    expect((await Promise.all(slow)).slice(0, 2)).toEqual(['timeout', 'timeout'])
    // Every place is free again.
    const more = [1, 2].map(() => reasonOf(fetcher, 'http://slow.test/'))
    expect(await Promise.all(more)).toEqual(['timeout', 'timeout'])
  })

  test('of which some are patient are fetched in the end, however many they are, and leave a place to others', async () => {
    const answers: (() => void)[] = []
    const { port } = await serve((_request, response) => answers.push(() => response.end('x')))
    const link = `http://pictures.test:${port}/`
    const slots = { all: 2, perHost: 2, waiting: 0, waitingPerHost: 0 }
    // Less time than all of them together are held up here: each one's own begins with its place.
    const fetcher = links({ allow: [port], slots, timeoutMs: 2_000 })
    const patient = Array.from({ length: 5 }, () => fetcher.fetch(link, { isPatient: true }))
    await expect.poll(() => answers).toHaveLength(1)
    const urgent = fetcher.fetch(link)
    await expect.poll(() => answers).toHaveLength(2)
    const settled = Promise.all([urgent, ...patient])
    const answering = setInterval(() => answers.shift()?.(), 5)
    const outcomes = await settled.finally(() => clearInterval(answering))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(6).fill('fetched'))
  })

  test('of which one is patient wait until there is room for its bytes', async () => {
    const { port } = await serve((_request, response) => response.end(new Uint8Array(3_000)))
    const link = `http://pictures.test:${port}/`
    const fetcher = links({ allow: [port], maxBytesInAll: 5_000 })
    const first = await fetcher.fetch(link)
    const patient = fetcher.fetch(link, { isPatient: true })
    await expect(fetcher.fetch(link)).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    if (first.outcome === 'fetched') first.release?.()
    expect((await patient).outcome).toBe('fetched')
  })

  test('of which one is patient and leaves let the next one in', async () => {
    const { port } = await serve((_request, response) => response.end('x'))
    const slots = { all: 1, perHost: 1, waiting: 9, waitingPerHost: 9 }
    const fetcher = links({ allow: [port], slots, lookup: hanging, timeoutMs: 60_000 })
    const holding = new AbortController()
    const held = fetcher.fetch('http://slow.test/', { signal: holding.signal })
    const leaving = new AbortController()
    const left = fetcher.fetch('http://slow.test/', { signal: leaving.signal, isPatient: true })
    const next = fetcher.fetch(`http://pictures.test:${port}/`, { isPatient: true })
    leaving.abort('left')
    await expect(left).rejects.toBe('left')
    holding.abort('done')
    await expect(held).rejects.toBe('done')
    expect((await next).outcome).toBe('fetched')
  })

  test('share the room for their bytes until each is released', async () => {
    const { port } = await serve((_request, response) => response.end(new Uint8Array(3_000)))
    const link = `http://pictures.test:${port}/`
    const fetcher = links({ allow: [port], maxBytesInAll: 5_000 })
    const first = await fetcher.fetch(link)
    await expect(fetcher.fetch(link)).rejects.toMatchObject({ code: 'E_OVERLOADED' })
    if (first.outcome === 'fetched') first.release?.()
    expect(await reasonOf(fetcher, link)).toBe('fetched')
  })
})

describe('schemes', () => {
  const deaf: LinkSource = { fetch: () => new Promise(() => undefined), close: async () => undefined }

  test('a source that listens to nothing costs no more than the deadline, and its place is free again', async () => {
    const fetcher = links({
      others: { deaf },
      timeoutMs: 100,
      slots: { all: 1, perHost: 1, waiting: 9, waitingPerHost: 9 },
    })
    expect(await reasonOf(fetcher, 'deaf://x')).toBe('timeout')
    expect(await reasonOf(fetcher, 'ftp://x')).toBe('unsupported-scheme')
  })

  test('a source that listens to nothing cannot hold up the end', async () => {
    const fetcher = links({ others: { deaf } })
    const rejected = expect(fetcher.fetch('deaf://x')).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
    await fetcher.close()
    await rejected
  })

  test.each([
    'constructor://x',
    '__proto__://x',
    'toString://x',
    'deaf:x',
    ' deaf://x',
    'de\taf://x',
  ])('only the very name of a scheme leads to its source: %j', async (link) => {
    expect(await reasonOf(links({ others: { deaf }, timeoutMs: 1_000 }), link)).toMatch(/unsupported|invalid/)
  })
})

describe('giving up', () => {
  /** A server that takes requests and never answers. */
  async function silent() {
    const { port, server } = await serve(() => undefined)
    return { link: `http://pictures.test:${port}/`, port, server }
  }

  test('an abort rejects with the caller’s own reason and closes the connection', async () => {
    const { link, port, server } = await silent()
    const caller = new AbortController()
    const fetching = links({ allow: [port] }).fetch(link, { signal: caller.signal })
    const [request] = await once(server, 'request')
    const closed = closeOf(request.socket)
    const reason = new Error('changed my mind')
    caller.abort(reason)
    await expect(fetching).rejects.toBe(reason)
    await closed
  })

  test('an abort while waiting for a free connection rejects, and the next in line is served', async () => {
    const { link, port, server } = await silent()
    const fetcher = links({
      allow: [port],
      slots: { all: 1, perHost: 1, waiting: 9, waitingPerHost: 9 },
      lookup: async () => ['10.0.0.1'],
    })
    const [first, second] = [new AbortController(), new AbortController()]
    const holding = fetcher.fetch(link, { signal: first.signal })
    await once(server, 'request')
    const waiting = fetcher.fetch(link, { signal: second.signal })
    const last = fetcher.fetch('http://private.test/')
    second.abort('second')
    await expect(waiting).rejects.toBe('second')
    first.abort('first')
    await expect(holding).rejects.toBe('first')
    expect(await last).toEqual({ outcome: 'refused', reason: 'address-not-allowed' })
  })

  test('a signal that was aborted before rejects without asking anyone', async () => {
    const lookup: LookupHost = async () => expect.fail('asked')
    const fetching = links({ lookup }).fetch('http://a.test/', { signal: AbortSignal.abort('early') })
    await expect(fetching).rejects.toBe('early')
  })

  test('close frees every socket and ends what is in flight with E_SHUTTING_DOWN', async () => {
    const { link, port, server } = await silent()
    const fetcher = links({ allow: [port] })
    const fetching = fetcher.fetch(link)
    const [request] = await once(server, 'request')
    const closed = closeOf(request.socket)
    const rejected = expect(fetching).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
    await fetcher.close()
    await rejected
    await closed
    await expect(fetcher.fetch(link)).rejects.toMatchObject({ code: 'E_SHUTTING_DOWN' })
  })
})
