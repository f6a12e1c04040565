import { once } from 'node:events'
import { type IncomingMessage, type RequestListener, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type OpsServer, type OpsServerOptions, openOpsServer } from './ops-server.ts'

let server: OpsServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

interface Seen {
  readonly status: number
  readonly text: string
  readonly type: string | null
}

async function begin(options: Partial<OpsServerOptions> = {}) {
  server = await openOpsServer({
    host: '127.0.0.1',
    port: 0,
    missing: async () => [],
    renderMetrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'a_metric 1\n' }),
    ...options,
  })
  const { url } = server
  return async (path: string, method = 'GET'): Promise<Seen> => {
    const response = await fetch(`${url}${path}`, { method })
    return {
      status: response.status,
      text: await response.text(),
      type: response.headers.get('content-type'),
    }
  }
}

/** `fetch` sets Host itself. */
async function statusFor(url: string, host: string): Promise<number | undefined> {
  const call = request(`${url}/metrics`, { headers: { host } }).end()
  const [answer] = (await once(call, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

describe('ops server', () => {
  it('on loopback answers to no name that a web page could have', async () => {
    await begin()
    const url = server?.url ?? ''
    for (const host of ['localhost:1', '127.0.0.1', '[::1]:9090'])
      expect(await statusFor(url, host)).toBe(200)
    for (const host of ['evil.example', '10.0.0.1']) expect(await statusFor(url, host)).toBe(403)
  })

  it('answers one request of a connection, however many are sent ahead', async () => {
    let rendered = 0
    await begin({
      renderMetrics: async () => {
        rendered++
        return { contentType: 'text/plain', body: 'x' }
      },
    })
    const socket = connect(Number(new URL(server?.url ?? '').port), '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    socket.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(500))
    await once(socket, 'close')
    expect(rendered).toBe(1)
  })

  it('tells that the process lives, and its metrics', async () => {
    const ask = await begin()
    expect(await ask('/livez')).toMatchObject({ status: 200 })
    expect(await ask('/metrics')).toEqual({
      status: 200,
      text: 'a_metric 1\n',
      type: 'text/plain; version=0.0.4',
    })
  })

  it.each<[string, OpsServerOptions['missing'], string]>([
    ['ready', async () => [], '200 ready'],
    ['not ready', async () => [{ name: 'redis', reason: 'away' }], '503 not ready: redis: away'],
    ['broken', () => Promise.reject(new Error('secret')), '503 not ready: readiness: it cannot be told'],
    ['silent', () => new Promise(() => {}), '503 not ready: readiness: it cannot be told'],
  ])('answers the readiness probe of a process that is %s, and says why', async (_, missing, answer) => {
    const ask = await begin({ missing })
    const { status, text } = await ask('/readyz')
    expect(`${status} ${text}`).toBe(answer)
  })

  it('shows the pages given as JSON, and 503 for one that fails', async () => {
    const pages: OpsServerOptions['pages'] = {
      '/ops/scaling': async () => ({ lanes: {} }),
      '/ops/bad': () => Promise.reject(new Error('x')),
    }
    const ask = await begin({ pages })
    expect(await ask('/ops/scaling')).toEqual({ status: 200, text: '{"lanes":{}}', type: 'application/json' })
    expect(await ask('/ops/bad')).toMatchObject({ status: 503 })
  })

  it('hands a POST to what answers it, once that is there, and nothing else', async () => {
    let isOpen = false
    const answer: RequestListener = (req, res) => res.writeHead(202).end(`${req.method} ${req.url}`)
    const ask = await begin({ calls: { '/ops/act': () => (isOpen ? answer : null) } })
    expect(await ask('/ops/act', 'POST')).toMatchObject({ status: 503 })
    isOpen = true
    expect(await ask('/ops/act?x=1', 'POST')).toMatchObject({ status: 202, text: 'POST /ops/act?x=1' })
    expect(await ask('/ops/act')).toMatchObject({ status: 404 })
    expect(await ask('/ops/act', 'PUT')).toMatchObject({ status: 405 })
    expect(await ask('/ops/other', 'POST')).toMatchObject({ status: 405 })
    const { port } = new URL(server?.url ?? '')
    const foreign = request(`http://127.0.0.1:${port}/ops/act`, {
      method: 'POST',
      headers: { host: 'evil.example' },
    }).end()
    const [refused] = (await once(foreign, 'response')) as [IncomingMessage]
    refused.resume()
    expect(refused.statusCode).toBe(403)
  })

  it('knows no other page, and only GET', async () => {
    const ask = await begin()
    expect(await ask('/toString')).toMatchObject({ status: 404 })
    expect(await ask('/livez', 'POST')).toMatchObject({ status: 405 })
  })
})
