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

describe('ops server', () => {
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

  it('knows no other page, and only GET', async () => {
    const ask = await begin()
    expect(await ask('/toString')).toMatchObject({ status: 404 })
    expect(await ask('/livez', 'POST')).toMatchObject({ status: 405 })
  })
})
