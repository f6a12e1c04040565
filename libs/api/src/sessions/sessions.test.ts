import { storeUnavailable } from '@semblance/core'
import { createNaiveIdempotencyStore, openTestGallery, type TestGallery } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answered, openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'
import { sessionTokenIn } from './sessions.ts'

const KEY = 'a-key-of-the-office'
const OTHER = 'a-key-for-descriptors'
const config = { apiKeys: [KEY, OTHER], descriptorKeys: [OTHER] }
const MINUTE_MS = 60_000

let gallery: TestGallery
let store: ReturnType<typeof createNaiveIdempotencyStore>
let opened: TestApi[]
let api: TestApi
const open = async (options: TestApiOptions = {}) => {
  const one = await openTestApi({
    gallery,
    ...options,
    config: { ...config, ...options.config },
    deps: { idempotency: store, ...options.deps },
  })
  opened.push(one)
  return one
}
beforeEach(async () => {
  gallery = openTestGallery()
  store = createNaiveIdempotencyStore(gallery.clock)
  opened = []
  api = await open()
})
afterEach(async () => {
  for (const one of opened) await one.close()
})

const setCookie = ({ headers }: Answered) => headers.get('set-cookie') ?? ''
const cookieOf = (answer: Answered) => setCookie(answer).split(';')[0] ?? ''
const signIn = async (key = KEY, at = api) => {
  const answer = await at.ask('POST', '/api/session', { body: { key } })
  return { answer, cookie: cookieOf(answer), writeToken: answer.json?.writeToken as string }
}
const statusWith = async (headers: Record<string, string>, path = '/api/groups', at = api) =>
  (await at.ask('GET', path, { headers })).status

describe('a session', () => {
  it('begins with a key, whose cookie no script can read and no other site can use', async () => {
    const { answer, cookie } = await signIn()
    expect(answer.status).toBe(200)
    expect(setCookie(answer)).toMatch(
      /^semblance_session=[\w-]+\.[\w-]+; Path=\/; Max-Age=1800; HttpOnly; SameSite=Strict$/,
    )
    expect(answer.json).toMatchObject({ signedIn: true, keysAreSet: true, rights: ['read', 'write'] })
    expect(Date.parse(answer.json.expiresAt)).toBe(gallery.clock.now() + 30 * MINUTE_MS)
    expect(await statusWith({ cookie })).toBe(200)
    const told = await api.ask('GET', '/api/session', { headers: { cookie } })
    expect(told.json).toEqual(answer.json)
    expect(told.headers.get('cache-control')).toBe('no-store')
    expect((await signIn(OTHER)).answer.json.rights).toEqual(['read', 'write', 'descriptors'])
  })

  it.each([
    ['X-Forwarded-Proto', {}, { 'x-forwarded-proto': 'https' }],
    ['the public URL', { publicUrl: 'https://faces.example/' }, {}],
  ])('has a cookie for HTTPS alone where %s says so', async (_, more, headers) => {
    const secure = await open({ config: more })
    const answer = await secure.ask('POST', '/api/session', { body: { key: KEY }, headers })
    expect(setCookie(answer)).toMatch(/; Secure$/)
  })

  it('has the key in no cookie, and neither key nor cookie in a log', async () => {
    const { cookie, writeToken } = await signIn()
    await api.ask('POST', '/api/session', { body: { key: KEY }, headers: { 'idempotency-key': 'once' } })
    await api.ask('GET', '/api/groups', { headers: { cookie } })
    await api.ask('POST', '/api/session', { body: { key: 'a-wrong-key' } })
    const token = cookie.split('=')[1] ?? ''
    const payload = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
    expect(payload).not.toContain(KEY)
    const logged = JSON.stringify(api.logs)
    for (const secret of [KEY, 'a-wrong-key', token, writeToken]) expect(logged).not.toContain(secret)
  })

  it('is not kept as the answer to an Idempotency-Key: each sign-in is a session of its own', async () => {
    const ask = () =>
      api.ask('POST', '/api/session', { body: { key: KEY }, headers: { 'idempotency-key': 'once' } })
    const [first, second] = [await ask(), await ask()]
    expect([first.status, second.status]).toEqual([200, 200])
    expect(second.headers.has('idempotency-replayed')).toBe(false)
    expect(cookieOf(first)).not.toBe(cookieOf(second))
  })

  it('does not begin with what is no key', async () => {
    for (const key of ['wrong', `${KEY} `]) {
      const { answer } = await signIn(key)
      expect([answer.status, answer.json.type, setCookie(answer)]).toEqual([401, 'Unauthorized', ''])
    }
    expect((await api.ask('POST', '/api/session', { body: { key: '' } })).status).toBe(400)
  })

  it('cannot be begun by a page of another origin', async () => {
    const headers = { origin: 'https://evil.example' }
    const answer = await api.ask('POST', '/api/session', { body: { key: KEY }, headers })
    expect([answer.status, answer.json.type]).toEqual([403, 'OriginNotAllowed'])
  })

  it('may be guessed at only so often from one address, and then not even with the key', async () => {
    for (let i = 0; i < 20; i++) expect((await signIn(`guess ${i}`)).answer.status).toBe(401)
    const { answer } = await signIn()
    expect([answer.status, answer.json.type]).toEqual([429, 'TooManyAttempts'])
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await statusWith({ 'x-api-key': KEY })).toBe(200)
    gallery.clock.advance(MINUTE_MS)
    expect((await signIn()).answer.status).toBe(200)
  })
})

describe('a write under a session', () => {
  const write = (headers: Record<string, string>) =>
    api.ask('POST', '/api/persons', { body: { name: 'Ada' }, headers })

  it('needs its token, and one under a key does not', async () => {
    const { cookie, writeToken } = await signIn()
    const { writeToken: others } = await signIn(OTHER)
    for (const headers of [
      { cookie },
      { cookie, 'x-semblance-write-token': 'x' },
      { cookie, 'x-semblance-write-token': others },
    ]) {
      const { status, json } = await write(headers)
      expect([status, json.type]).toEqual([403, 'WriteTokenRefused'])
    }
    expect((await write({ cookie, 'x-semblance-write-token': writeToken })).status).toBe(201)
    expect((await write({ 'x-api-key': KEY })).status).toBe(201)
    const gone = await api.ask('DELETE', '/api/groups/x', { headers: { cookie } })
    expect(gone.json.type).toBe('WriteTokenRefused')
  })

  it('with a wrong key beside a right cookie is refused', async () => {
    const { cookie, writeToken } = await signIn()
    const headers = { cookie, 'x-semblance-write-token': writeToken, 'x-api-key': 'wrong' }
    expect((await write(headers)).status).toBe(401)
  })

  it('with an Idempotency-Key does not get what another session was answered', async () => {
    const [one, two] = [await signIn(), await signIn(OTHER)]
    const asked = async ({ cookie, writeToken }: { cookie: string; writeToken: string }) =>
      (await write({ cookie, 'x-semblance-write-token': writeToken, 'idempotency-key': 'same' })).json.id
    const [first, again, other] = [await asked(one), await asked(one), await asked(two)]
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })
})

describe('a cookie', () => {
  it('that was changed, of another installation, or of a key that is gone counts for nothing', async () => {
    const { cookie } = await signIn()
    const [payload = '', signature = ''] = (cookie.split('=')[1] ?? '').split('.')
    const flipped = signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))
    const parsed = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const longer = Buffer.from(JSON.stringify([...parsed.slice(0, 4), parsed[4] + MINUTE_MS])).toString(
      'base64url',
    )
    for (const token of [
      `${payload}.${flipped}`,
      `${longer}.${signature}`,
      payload,
      '.',
      '',
      'x.y.z',
      `${payload}.`,
    ])
      expect(await statusWith({ cookie: `semblance_session=${token}` }), token).toBe(401)
    expect(await statusWith({ cookie: `${cookie}; ${cookie}` })).toBe(401)
    const elsewhere = await open({ gallery: openTestGallery() })
    expect(await statusWith({ cookie }, '/api/groups', elsewhere)).toBe(401)
    const without = await open({ config: { apiKeys: [OTHER] } })
    expect(await statusWith({ cookie }, '/api/groups', without)).toBe(401)
  })

  it('is good on every gateway, and on none after the sign-out, also as a copy', async () => {
    const other = await open()
    const { cookie, writeToken } = await signIn()
    expect(await statusWith({ cookie }, '/api/groups', other)).toBe(200)
    const headers = { cookie, 'x-semblance-write-token': writeToken }
    const out = await api.ask('DELETE', '/api/session', { headers })
    expect([out.status, setCookie(out)]).toEqual([
      204,
      expect.stringContaining('semblance_session=; Path=/; Max-Age=0'),
    ])
    expect(await statusWith({ cookie })).toBe(401)
    expect((await api.ask('GET', '/api/session', { headers: { cookie } })).json).toMatchObject({
      signedIn: false,
      keysAreSet: true,
      writeToken: null,
    })
    // What a gateway was told holds for five seconds there.
    gallery.clock.advance(5_001)
    expect(await statusWith({ cookie }, '/api/groups', other)).toBe(401)
    expect(await statusWith({ cookie }, '/api/groups', await open())).toBe(401)
  })

  it('is given anew while it is used, and ends half an hour after that, and after twelve hours for good', async () => {
    let { cookie } = await signIn()
    const first = cookie
    gallery.clock.advance(6 * MINUTE_MS)
    const renewed = await api.ask('GET', '/api/groups', { headers: { cookie } })
    cookie = cookieOf(renewed)
    expect(cookie).not.toBe(first)
    gallery.clock.advance(25 * MINUTE_MS)
    expect([await statusWith({ cookie: first }), await statusWith({ cookie })]).toEqual([401, 200])
    for (let minutes = 31; minutes < 12 * 60 - 20; minutes += 20) {
      const answer = await api.ask('GET', '/api/groups', { headers: { cookie } })
      expect(answer.status).toBe(200)
      cookie = cookieOf(answer) || cookie
      gallery.clock.advance(20 * MINUTE_MS)
    }
    gallery.clock.advance(20 * MINUTE_MS)
    expect(await statusWith({ cookie })).toBe(401)
  })

  it('lets nobody in while nobody can tell whether its session was ended', async () => {
    const { cookie } = await signIn()
    const away = () => Promise.reject(storeUnavailable(new Error('away')))
    const blind = await open({ deps: { idempotency: { ...store, claim: away, isDone: away } } })
    expect(await statusWith({ cookie }, '/api/groups', blind)).toBe(503)
  })

  it('is found among others, once', () => {
    expect(sessionTokenIn('a=b; semblance_session=x.y ;c')).toBe('x.y')
    for (const header of [
      undefined,
      '',
      'semblance_session',
      'other=1',
      'semblance_session=a; semblance_session=b',
    ])
      expect(sessionTokenIn(header)).toBeNull()
  })
})

it('without keys everybody is signed in, and nothing is asked', async () => {
  const openToAll = await open({ config: { apiKeys: [], descriptorKeys: [] } })
  const wanted = { signedIn: true, keysAreSet: false, keyName: null, writeToken: null, expiresAt: null }
  const told = await openToAll.ask('GET', '/api/session')
  expect(told.json).toMatchObject({ ...wanted, rights: ['read', 'write', 'descriptors'] })
  expect((await openToAll.ask('POST', '/api/session', { body: { key: 'any' } })).json).toMatchObject(wanted)
  expect((await openToAll.ask('DELETE', '/api/session')).status).toBe(204)
})
