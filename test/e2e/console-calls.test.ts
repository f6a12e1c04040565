import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { smallPhotos } from './photos.ts'

const KEY = 'a-key-of-the-office'
const shared = findSharedData()
const shapes = await availableShapes()
if (shared === null) console.warn('skipped: small copies of pictures: no photos')

describe.each(shapes)('what the console calls, %s', (shape) => {
  let server: Installation
  let page: string
  let session: Record<string, string>

  beforeAll(async () => {
    page = await mkdtemp(join(tmpdir(), 'semblance-console-'))
    await mkdir(join(page, 'assets'))
    await writeFile(join(page, 'index.html'), '<html><head></head><body>the console</body></html>')
    server = await startInstallation(shape, { SEMBLANCE_API_KEYS: KEY, SEMBLANCE_CONSOLE: page })
  }, 180_000)
  afterAll(async () => {
    await server?.close()
    await rm(page, { recursive: true, force: true })
  })

  /** `call`: the method and the path. */
  const ask = (call: string, headers: Record<string, string>, body?: string | FormData) => {
    const [method = '', path = ''] = call.split(' ')
    return fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) })
  }

  it('is shown its page, and signs in', async () => {
    const shown = await ask('GET /people/somebody', {})
    expect([shown.status, await shown.text()]).toEqual([200, expect.stringContaining('the console')])
    expect(shown.headers.get('content-security-policy')).toContain("default-src 'none'")
    const json = { 'content-type': 'application/json' }
    expect((await ask('POST /api/session', json, '{"key":"wrong"}')).status).toBe(401)
    const answer = await ask('POST /api/session', json, JSON.stringify({ key: KEY }))
    const { writeToken } = (await answer.json()) as { writeToken: string }
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    session = { cookie, 'x-semblance-write-token': writeToken }
    expect((await ask('GET /api/groups', { cookie })).status).toBe(200)
  })

  it('sees how the installation stands', async () => {
    const answer = await ask('GET /api/system', session)
    // biome-ignore lint/suspicious/noExplicitAny: looked into
    const system = (await answer.json()) as any
    expect(system).toMatchObject({ shape, pack: { name: 'builtin' }, counts: { persons: 0 } })
    expect(system.lanes.search.workers).toBe(1)
    expect(system.dependencies.length).toBeGreaterThan(1)
    expect(system.dependencies.every(({ up }: { up: boolean }) => up)).toBe(true)
    expect(JSON.stringify(system)).not.toContain(KEY)
  })

  it.skipIf(shared === null)(
    'gets small copies of a picture, until it is deleted',
    async () => {
      const json = { ...session, 'content-type': 'application/json' }
      const made = await ask('POST /api/persons', json, '{"name":"Ada"}')
      const { id } = (await made.json()) as { id: string }
      const [photo] = await smallPhotos(shared!)
      const form = new FormData()
      form.set('image', new Blob([new Uint8Array(photo!)]))
      const enrolled = await ask(`POST /api/persons/${id}/images`, session, form)
      expect(enrolled.status).toBe(200)
      for (const [query, isSquare] of [
        ['size=96', false],
        ['size=192&crop=face', true],
      ] as const) {
        const copy = await ask(`GET /api/persons/${id}/picture?${query}`, session)
        expect([copy.status, copy.headers.get('content-type')]).toEqual([200, 'image/jpeg'])
        const { width, height } = await sharp(await copy.arrayBuffer()).metadata()
        expect(Math.max(width, height)).toBeLessThanOrEqual(192)
        if (isSquare) expect(width).toBe(height)
      }
      await ask(`DELETE /api/persons/${id}`, session)
      expect((await ask(`GET /api/persons/${id}/picture?size=96`, session)).status).toBe(404)
    },
    60_000,
  )

  it('signs out for good', async () => {
    expect((await ask('DELETE /api/session', session)).status).toBe(204)
    expect((await ask('GET /api/groups', session)).status).toBe(401)
    for (const secret of [KEY, session.cookie ?? '', session['x-semblance-write-token'] ?? ''])
      expect(server.output()).not.toContain(secret)
  })
})
