import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

const PAGE = `<!doctype html>
<html><head><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="./assets/main-1a2b.css">
<script type="module" src="/assets/main-1a2b.js"></script></head><body><a href="//elsewhere.example/">x</a></body></html>`

let folder: string
let api: TestApi
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'semblance-console-'))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), PAGE)
  writeFileSync(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  writeFileSync(join(folder, 'assets/main-1a2b.js'), 'console.log(1)')
  writeFileSync(join(folder, 'assets/main-1a2b.js.map'), '{}')
  writeFileSync(join(folder, 'assets/face-3c4d.webp'), 'RIFF')
})
afterEach(() => api.close())
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = async (config: Parameters<typeof openTestApi>[0] = {}) => {
  api = await openTestApi({ ...config, config: { consoleFolder: folder, ...config.config } })
}

describe('the console', () => {
  it.each([
    '/',
    '/search',
    '/people',
    '/people/01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77',
    '/groups',
    '/duplicates',
    '/imports/01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77/rows',
    '/system',
    '/people/?page=2',
  ])('is one page at %s, also where keys are set', async (path) => {
    await open({ config: { apiKeys: ['key'] } })
    const { status, headers, text } = await api.ask('GET', path)
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'text/html; charset=utf-8',
      'no-cache',
    ])
    expect(text).toContain('src="/assets/main-1a2b.js"')
    expect(
      (await api.ask('GET', path, { headers: { 'if-none-match': headers.get('etag') ?? '' } })).status,
    ).toBe(304)
  })

  it('goes on as it was where somebody builds another one into its folder, or takes it away', async () => {
    const replaced = mkdtempSync(join(tmpdir(), 'semblance-console-'))
    cpSync(folder, replaced, { recursive: true })
    await open({ config: { consoleFolder: replaced } })
    rmSync(replaced, { recursive: true })
    for (const path of ['/', '/assets/main-1a2b.js', '/assets/face-3c4d.webp', '/icon.svg'])
      expect([path, (await api.ask('GET', path)).status]).toEqual([path, 200])
  })

  it('may run, load and be shown nothing but from here', async () => {
    await open()
    const { headers } = await api.ask('GET', '/people')
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy.split('; ')).toContain(rule)
    expect(policy).not.toContain('unsafe')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('permissions-policy')).toContain('camera=(self)')
  })

  it('has its assets kept for good, and what lies beside it asked about', async () => {
    await open()
    const script = await api.ask('GET', '/assets/main-1a2b.js')
    expect([script.status, script.text]).toEqual([200, 'console.log(1)'])
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    const picture = await api.ask('GET', '/assets/face-3c4d.webp', { headers: { 'accept-encoding': 'br' } })
    expect([picture.text, picture.headers.get('content-encoding')]).toEqual(['RIFF', null])
    const icon = await api.ask('GET', '/icon.svg')
    expect([icon.status, icon.headers.get('cache-control')]).toEqual([200, 'no-cache'])
  })

  it.each([
    '/assets/main-1a2b.js.map',
    '/assets/..%2findex.html',
    '/assets/..%2f..%2f..%2fetc%2fpasswd',
    '/index.html',
    '/package.json',
    '/nothing',
    '/api/people',
  ])('is nothing but its files: %s is not there', async (path) => {
    await open()
    expect((await api.ask('GET', path)).json).toMatchObject({ statusCode: 404, type: 'RouteNotFound' })
  })

  it('is found below the path of a proxy', async () => {
    await open({ config: { publicUrl: 'https://faces.example/a&b/' } })
    const { text } = await api.ask('GET', '/groups')
    expect(text).toContain('<meta name="semblance-prefix" content="/a&amp;b">')
    expect(text).toContain('src="/a&amp;b/assets/main-1a2b.js"')
    expect(text).toContain('href="/a&amp;b/assets/main-1a2b.css"')
    expect(text).toContain('href="//elsewhere.example/"')
  })

  it('does not keep a call of the API from its route', async () => {
    await open()
    expect((await api.ask('GET', '/api/groups')).status).toBe(200)
    expect((await api.ask('POST', '/people', { body: {} })).status).toBe(405)
    expect((await api.ask('GET', '/docs')).status).toBe(200)
  })

  it('says to people that an address is not there, and to programs as ever', async () => {
    const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    for (const apiKeys of [[], ['key']]) {
      await open({ config: { apiKeys } })
      const page = await api.ask('GET', '/nonsense/of/mine', { headers: browser })
      expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
      expect(page.text).toContain('src="/assets/main-1a2b.js"')
      expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect([page.headers.get('cache-control'), page.headers.get('etag')]).toEqual(['no-store', null])
      const asJson = apiKeys.length === 0 ? [404, 'RouteNotFound'] : [401, 'Unauthorized']
      for (const [method, path, headers] of [
        ['GET', '/nonsense', {}],
        ['GET', '/nonsense', { accept: '*/*' }],
        ['GET', '/nonsense', { accept: 'application/json' }],
        ['GET', '/api/nonsense', browser],
        ['GET', '/api', browser],
        ['DELETE', '/nonsense', browser],
      ] as const) {
        const { status, json } = await api.ask(method, path, { headers })
        expect([method, path, headers, status, json.type]).toEqual([method, path, headers, ...asJson])
      }
      await api.close()
    }
    await open({ config: { consoleFolder: null } })
    expect((await api.ask('GET', '/nonsense', { headers: browser })).json.type).toBe('RouteNotFound')
  })

  it('is counted under few names, none with an id', async () => {
    await open()
    await api.ask('GET', '/people/01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77')
    await api.ask('GET', '/assets/main-1a2b.js')
    expect(api.requests.map(({ route }) => route)).toEqual(['/people/*rest', '/assets/{file}'])
  })

  it('that is not built is said once, and / leads to /docs', async () => {
    await open({ config: { consoleFolder: join(folder, 'assets') } })
    expect(api.logs.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      'the console is not built: / leads to /docs',
    ])
    const { status, headers } = await api.ask('GET', '/')
    expect([status, headers.get('location')]).toEqual([302, '/docs'])
    expect((await api.ask('GET', '/people')).status).toBe(404)
  })

  it('that is not wanted is not missed', async () => {
    await open({ config: { consoleFolder: null } })
    expect(api.logs).toEqual([])
    expect((await api.ask('GET', '/')).headers.get('location')).toBe('/docs')
  })
})
