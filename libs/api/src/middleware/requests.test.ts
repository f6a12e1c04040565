import { request } from 'node:http'
import { isUuid } from '@semblance/core'
import { afterEach, describe, expect, it } from 'vitest'
import { type Answered, openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'

let api: TestApi
async function open(options: TestApiOptions = {}): Promise<void> {
  api = await openTestApi(options)
}
afterEach(() => api.close())

/** `fetch` sets Host and Origin itself; this sends them as told. */
function askWith(headers: Record<string, string>, method = 'GET', path = '/api/groups') {
  return new Promise<{ status: number; body: string; requestId: unknown }>((resolve, reject) => {
    const { hostname, port } = new URL(api.url)
    const call = request({ hostname, port, path, method, headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body, requestId: response.headers['x-requestid'] }),
      )
    })
    call.on('error', reject)
    call.end()
  })
}

describe('X-RequestID', () => {
  it('is echoed and stands in the log line', async () => {
    await open()
    const { headers } = await api.ask('GET', '/api/groups', { headers: { 'x-requestid': 'my id/1' } })
    expect(headers.get('x-requestid')).toBe('my id/1')
    expect(api.logs.at(-1)).toMatchObject({
      level: 'info',
      fields: { requestId: 'my id/1', method: 'GET', route: '/api/groups', status: 200 },
    })
  })

  it('is made when it is absent or empty, and cut when it is long', async () => {
    await open()
    const idFor = async (sent: Record<string, string>) =>
      (await api.ask('GET', '/api/groups', { headers: sent })).headers.get('x-requestid') ?? ''
    expect(isUuid(await idFor({}))).toBe(true)
    expect(isUuid(await idFor({ 'x-requestid': '' }))).toBe(true)
    expect(await idFor({ 'x-requestid': 'x'.repeat(500) })).toBe('x'.repeat(128))
    expect(await idFor({ 'x-requestid': 'a\u00e9b' })).toBe('ab')
  })
})

describe('paths', () => {
  it.each([
    '//api/groups',
    '/api//groups',
    '/api/groups/',
    '///api///groups///?page=1',
  ])('take extra slashes: %s', async (path) => {
    await open()
    expect((await api.ask('GET', path)).status).toBe(200)
  })

  it('that no route has answer 404, and methods that it has not 405 with Allow', async () => {
    await open()
    expect((await api.ask('GET', '/api/person')).json).toMatchObject({
      statusCode: 404,
      type: 'RouteNotFound',
    })
    expect((await api.ask('GET', '/api/persons/%zz')).json).toMatchObject({ statusCode: 400 })
    const { status, json, headers } = await api.ask('PATCH', '/api/groups', { body: {} })
    expect([status, json.type, headers.get('allow')]).toEqual([
      405,
      'MethodNotAllowed',
      'GET, HEAD, POST, OPTIONS',
    ])
    expect((await api.ask('GET', '/api/search')).headers.get('allow')).toBe('POST, OPTIONS')
  })

  it('may come in absolute form, whose host counts instead of the Host header', async () => {
    await open()
    const { port } = new URL(api.url)
    for (const path of [
      `http://localhost:${port}/api/groups`,
      'HTTPS://127.0.0.1//api/groups/?page=1',
      'http://localhost/api/groups?size=5',
    ])
      expect((await askWith({ host: 'evil.example' }, 'GET', path)).status).toBe(200)
    expect((await askWith({ host: 'localhost' }, 'GET', 'http://evil.example/api/groups')).status).toBe(403)
    expect((await askWith({ host: 'localhost' }, 'GET', 'http://localhost?x')).status).toBe(302)
  })

  it.each([
    ['http://[::1/api', 400, 'BadParamsException'],
    ['http://%00%ff@:99999/api', 400, 'BadParamsException'],
    ['foo://[::1/api/groups', 404, 'RouteNotFound'],
    ['http://localhost/[::1', 404, 'RouteNotFound'],
  ])('for %s is answered like any other', async (path, status, type) => {
    await open()
    const answer = await askWith({ host: 'localhost', 'x-requestid': 'mine' }, 'GET', path)
    expect([answer.status, answer.requestId, JSON.parse(answer.body).type]).toEqual([status, 'mine', type])
  })

  it('answer HEAD like GET without a body, and OPTIONS with what they allow', async () => {
    await open()
    expect(await api.ask('HEAD', '/api/groups')).toMatchObject({ status: 200, text: '' })
    const { status, headers } = await api.ask('OPTIONS', '/api/groups')
    expect([status, headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS'])
    expect((await api.ask('OPTIONS', '/api/nothing')).status).toBe(404)
  })
})

describe('every answer', () => {
  it('forbids keeping, sniffing and framing, and does not say what made it', async () => {
    await open()
    for (const path of ['/api/groups', '/nothing']) {
      const { headers } = await api.ask('GET', path)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(headers.has('x-powered-by')).toBe(false)
      expect(headers.has('access-control-allow-origin')).toBe(false)
    }
  })

  it('is counted under its template, never under a path with ids', async () => {
    await open()
    await api.ask('GET', '/api/persons/01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77')
    await api.ask('GET', '/wp-admin')
    await api.ask('GET', '/api/healthz')
    expect(api.requests.map(({ route, status }) => [route, status])).toEqual([
      ['/api/persons/{personId}', 404],
      ['unmatched', 404],
      ['/api/healthz', 200],
    ])
    expect(api.logs.map(({ fields }) => fields.route)).toEqual(['/api/persons/{personId}', 'unmatched'])
    expect(JSON.stringify(api.logs)).not.toContain('01936a5c')
  })
})

describe('API keys', () => {
  const keys = { apiKeys: ['first-key', 'second-key'] }
  const statusWith = async (headers: Record<string, string>, path = '/api/groups') =>
    (await api.ask('GET', path, { headers })).status

  it('are asked for on everything but probes and the docs', async () => {
    await open({ config: keys })
    for (const path of ['/api/groups', '/metrics', '/nothing', '/api/search', '/api/persons/x'])
      expect(await statusWith({}, path)).toBe(401)
    for (const path of [
      '/api/healthz',
      '/api/readyz',
      '/api/readiness',
      '/api/ping',
      '/docs',
      '/openapi.json',
      '/docs/docs.js',
    ])
      expect(await statusWith({}, path)).toBe(200)
    const { json, headers } = await api.ask('POST', '/api/persons', { body: { name: 5 } })
    expect(json).toMatchObject({ statusCode: 401, type: 'Unauthorized' })
    expect(headers.get('www-authenticate')).toContain('Bearer')
  })

  it('are taken from either header', async () => {
    await open({ config: keys })
    expect(await statusWith({ 'x-api-key': 'first-key' })).toBe(200)
    expect(await statusWith({ authorization: 'Bearer second-key' })).toBe(200)
    expect(await statusWith({ authorization: 'bearer  second-key ' })).toBe(200)
    for (const wrong of ['first-ke', 'first-key2', '', 'First-key'])
      expect(await statusWith({ 'x-api-key': wrong })).toBe(401)
    expect(await statusWith({ authorization: 'Basic first-key' })).toBe(401)
  })

  it('guard the body, too: none is read without one', async () => {
    await open({ config: keys })
    const { status } = await api.ask('POST', '/api/persons', { raw: '{' })
    expect(status).toBe(401)
  })
})

describe('on loopback', () => {
  it.each([
    'localhost',
    'localhost:41101',
    'my.localhost:1',
    '127.0.0.1:41101',
    '127.0.0.0',
    '[::1]:41101',
  ])('Host %s is let in', async (host) => {
    await open()
    expect((await askWith({ host })).status).toBe(200)
  })

  it.each([
    'evil.example',
    'evil.example:41101',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    '[::2]',
  ])('Host %s is not', async (host) => {
    await open()
    const { status, body } = await askWith({ host })
    expect([status, JSON.parse(body).type]).toEqual([403, 'HostNotAllowed'])
  })

  it('the Host of the public URL is let in, and anything when keys guard a server beyond loopback', async () => {
    await open({ config: { publicUrl: 'https://faces.example/x' } })
    expect((await askWith({ host: 'faces.example' })).status).toBe(200)
    await api.close()
    await open({ config: { isLoopback: false, apiKeys: ['key'] } })
    expect((await askWith({ host: 'evil.example', 'x-api-key': 'key' })).status).toBe(200)
  })

  it('a page of another origin can write nothing, not even by a simple request', async () => {
    await open()
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
      const { status, body } = await askWith({ origin }, 'POST', '/api/persons')
      expect([status, JSON.parse(body).type]).toEqual([403, 'OriginNotAllowed'])
    }
    expect((await askWith({ origin: api.url }, 'DELETE', '/api/groups/x')).status).toBe(404)
    expect(
      (
        await api.ask('POST', '/api/persons', {
          raw: '{"name":"x"}',
          headers: { 'content-type': 'text/plain' },
        })
      ).status,
    ).toBe(415)
  })
})

describe('configured origins', () => {
  const config = { corsOrigins: ['https://console.example/'] }
  const preflight = (origin: string): Promise<Answered> =>
    api.ask('OPTIONS', '/api/persons', {
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key',
      },
    })

  it('get their preflight answered, without a key', async () => {
    await open({ config: { ...config, apiKeys: ['key'] } })
    const { status, headers } = await preflight('https://console.example')
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe('https://console.example')
    expect(headers.get('access-control-allow-headers')).toBe(
      'content-type, x-requestid, x-api-key, authorization, idempotency-key, if-match',
    )
    expect(headers.get('access-control-allow-methods')).toContain('DELETE')
  })

  it('may call; others get no CORS header and may not write', async () => {
    await open({ config })
    const allowed = await api.ask('GET', '/api/groups', { headers: { origin: 'https://console.example' } })
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://console.example')
    expect(allowed.headers.get('access-control-expose-headers')).toContain('x-requestid')
    expect(allowed.headers.get('vary')).toContain('Origin')
    const other = await preflight('https://evil.example')
    expect(other.headers.has('access-control-allow-origin')).toBe(false)
    expect((await askWith({ origin: 'https://evil.example' }, 'POST', '/api/persons')).status).toBe(403)
  })
})

describe('links', () => {
  it('begin with the public URL if there is one', async () => {
    await open({ config: { publicUrl: 'https://faces.example/semblance/' } })
    const { json: person } = await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })
    const content = Buffer.from('{"identities":["ada"],"variation":0,"side":400}').toString('base64')
    const { json } = await api.ask('POST', `/api/persons/${person.id}/images`, {
      body: { image: { content } },
    })
    expect(json.url).toBe(`https://faces.example/semblance/api/${json.path}`)
  })
})
