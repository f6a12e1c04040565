import { createNaiveImageStore, createNaiveImportStore } from '@semblance/testkit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Answered, openTestApi, type TestApi } from '../testing/open-test-api.ts'

const KEY = 'a-key-of-the-office'
const MINUTE_MS = 60_000

let api: TestApi
let path: string
beforeEach(async () => {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  const [imports, staged] = [createNaiveImportStore(clock), createNaiveImageStore(clock)]
  const importing = { imports, staged, maxStagedBytes: 1_000_000 }
  api = await openTestApi({ config: { apiKeys: [KEY] }, deps: { importing } })
  const made = await api.ask('POST', '/api/imports', { body: { name: 'x' }, headers: { 'x-api-key': KEY } })
  path = `/api/imports/${made.json.id}`
})
afterEach(() => api.close())

const cookieOf = ({ headers }: Answered) => (headers.get('set-cookie') ?? '').split(';')[0] ?? ''

async function signIn() {
  const answer = await api.ask('POST', '/api/session', { body: { key: KEY } })
  return { cookie: cookieOf(answer), 'x-semblance-write-token': answer.json.writeToken as string }
}

/** The stream once its first event has come, and whether it has ended. */
async function follow(headers: Record<string, string>) {
  const gone = new AbortController()
  const { status, body } = await fetch(`${api.url}${path}/events`, { headers, signal: gone.signal })
  expect(status).toBe(200)
  const reader = body!.getReader()
  expect(new TextDecoder().decode((await reader.read()).value)).toContain('event: progress')
  let hasEnded = false
  const rest = (async () => {
    while (!(await reader.read()).done);
    hasEnded = true
  })().catch(() => {})
  return {
    hasEnded: () => hasEnded,
    leave: async () => {
      gone.abort()
      await rest
    },
  }
}

it('events end with the session of whoever follows them', async () => {
  const headers = await signIn()
  const [own, other] = [await follow(headers), await follow({ 'x-api-key': KEY })]
  expect((await api.ask('DELETE', '/api/session', { headers })).status).toBe(204)
  await expect.poll(own.hasEnded, { timeout: 5_000 }).toBe(true)
  expect((await api.ask('GET', `${path}/events`, { headers })).status).toBe(401)
  expect(other.hasEnded(), 'of a caller with a key').toBe(false)
  await other.leave()
})

it('events end once the cookie is due to be given anew, which whoever comes back gets', async () => {
  const headers = await signIn()
  const stream = await follow(headers)
  api.gallery.clock.advance(6 * MINUTE_MS)
  await expect.poll(stream.hasEnded, { timeout: 5_000 }).toBe(true)
  const { status, headers: answered, body } = await fetch(`${api.url}${path}/events`, { headers })
  expect(status).toBe(200)
  expect(answered.get('set-cookie')).toContain('semblance_session=')
  await body?.cancel()
})

it('events that begin with a cookie that is due to be given anew go on under the new one', async () => {
  const headers = await signIn()
  api.gallery.clock.advance(6 * MINUTE_MS)
  const stream = await follow(headers)
  // Longer than the time after which the session is looked at again.
  await new Promise((resolve) => setTimeout(resolve, 1_600))
  expect(stream.hasEnded()).toBe(false)
  await stream.leave()
})
