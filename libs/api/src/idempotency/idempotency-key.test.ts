import { deletePerson, type PersonId } from '@semblance/core'
import { aPicture, createNaiveImageStore, createNaiveImportStore, shownPersons } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const imageOf = (name: string) => ({
  content: Buffer.from(aPicture({ identities: [name] })).toString('base64'),
})

function post(path: string, body: unknown, headers: Record<string, string> = { 'idempotency-key': 'k' }) {
  return api.ask('POST', path, { body, headers })
}

const groupCount = async () => (await api.ask('GET', '/api/groups')).json.items.length as number
const personCount = async () => (await shownPersons(api.gallery)).length

describe('a POST sent again with its Idempotency-Key', () => {
  it('makes one person, and answers both times alike', async () => {
    const first = await post('/api/persons', { name: 'Ada' })
    const again = await post('/api/persons', { name: 'Ada' })
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.text).toBe(first.text)
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'))
    const replayed = [first, again].map(({ headers }) => headers.get('idempotency-replayed'))
    expect(replayed).toEqual([null, 'true'])
    expect(await personCount()).toBe(1)
  })

  it('makes one of each thing, whatever the POST', async () => {
    const { json: person } = await post('/api/persons', { name: 'Ada' })
    const calls: [string, unknown][] = [
      ['/api/groups', { name: 'Visitors', metadata: {} }],
      [`/api/persons/${person.id}/images`, { image: imageOf('ada') }],
      ['/api/search?withImages=true', { image: imageOf('ada') }],
      ['/api/search', { image: imageOf('bob'), createPerson: { name: 'Bob' } }],
    ]
    for (const [path, body] of calls) {
      const first = await post(path, body, { 'idempotency-key': `key of ${path} ${calls.length}` })
      const again = await post(path, body, { 'idempotency-key': `key of ${path} ${calls.length}` })
      expect(first.status, path).toBeLessThan(300)
      expect([again.status, again.text], path).toEqual([first.status, first.text])
      expect(again.headers.get('idempotency-replayed'), path).toBe('true')
    }
    expect(await groupCount()).toBe(2)
    const shown = await shownPersons(api.gallery)
    expect(shown.map(({ images }) => images.length)).toEqual([1, 1])
    expect(api.pictures.puts).toBe(3)
  })

  it('at once, twenty times over, makes one person with identical bodies', async () => {
    const asked = { image: imageOf('ada'), createPerson: { name: 'Ada' } }
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/api/search', asked)))
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(201))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect(await personCount()).toBe(1)
    expect(api.pictures.puts).toBe(1)
  })

  it('answers as the first time for 24 hours, though the person was deleted meanwhile', async () => {
    const first = await post('/api/persons', { name: 'Ada' })
    await deletePerson(api.gallery, first.json.id as PersonId)
    api.gallery.clock.advance(24 * 3_600_000 - 1)
    expect((await post('/api/persons', { name: 'Ada' })).text).toBe(first.text)
    expect(await personCount()).toBe(0)
  })

  it('is told again what was wrong with it', async () => {
    const unknown = ['00000000-0000-7000-8000-000000000000']
    const first = await post('/api/persons', { name: 'Ada', groups: unknown })
    const again = await post('/api/persons', { name: 'Ada', groups: unknown })
    expect([first.status, again.status]).toEqual([400, 400])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.text).toBe(first.text)
  })

  it('is carried out once its API key was given the right that it lacked', async () => {
    const imports = createNaiveImportStore(api.gallery.clock)
    const staged = createNaiveImageStore(api.gallery.clock)
    const deps = { importing: { imports, staged, maxStagedBytes: 1_000 } }
    const { gallery } = api
    const askAs = async (descriptorKeys: readonly string[], idempotency = api.deps.idempotency) => {
      await api.close()
      const config = { apiKeys: ['one'], descriptorKeys }
      api = await openTestApi({ gallery, config, deps: { ...deps, idempotency } })
      const headers = { 'idempotency-key': 'k', 'x-api-key': 'one' }
      return post('/api/imports', { name: 'all.tar', trustDescriptors: true }, headers)
    }
    const refused = await askAs([])
    expect([refused.status, refused.json.type]).toEqual([403, 'DescriptorsNotAllowed'])
    expect((await askAs([])).headers.get('idempotency-replayed')).toBeNull()
    gallery.clock.advance(3 * 3_600_000)
    const made = await askAs(['one'])
    expect([made.status, made.headers.get('idempotency-replayed')]).toEqual([201, null])
    const again = await askAs(['one'])
    expect([again.text, again.headers.get('idempotency-replayed')]).toEqual([made.text, 'true'])
  })

  it('gets the header that says what was ignored, too', async () => {
    const asked = { image: imageOf('ada'), outputImageParams: { backgroundColor: [1, 2, 3] } }
    await post('/api/search', asked)
    const again = await post('/api/search', asked)
    expect(again.headers.get('x-semblance-ignored')).toBe('outputImageParams.backgroundColor')
  })

  it('keeps the key for a corrected request if the first one was malformed', async () => {
    expect((await post('/api/persons', { name: 7 })).status).toBe(400)
    expect((await post('/api/persons', { name: 'Ada' })).status).toBe(201)
  })
})

describe('an Idempotency-Key', () => {
  it.each([
    ['body', '/api/groups', { name: 'Others', metadata: {} }],
    ['query', '/api/groups?a=1', { name: 'Visitors', metadata: {} }],
  ])('is refused with another %s', async (_, path, body) => {
    await post('/api/groups', { name: 'Visitors', metadata: {} })
    const { status, json } = await post(path, body)
    expect(status).toBe(422)
    expect(json.type).toBe('IdempotencyKeyReused')
    expect(await groupCount()).toBe(1)
  })

  it('belongs to its route', async () => {
    expect((await post('/api/persons', { name: 'Ada' })).status).toBe(201)
    expect((await post('/api/groups', { name: 'Ada', metadata: {} })).status).toBe(201)
  })

  it('belongs to the caller with that API key', async () => {
    await api.close()
    api = await openTestApi({ config: { apiKeys: ['one', 'two'] } })
    const as = (apiKey: string) =>
      post('/api/persons', { name: 'Ada' }, { 'idempotency-key': 'k', 'x-api-key': apiKey })
    const [one, two, again] = [await as('one'), await as('two'), await as('one')]
    expect(two.json.id).not.toBe(one.json.id)
    expect(again.text).toBe(one.text)
    expect((await as('three')).status).toBe(401)
  })

  it.each([
    ['nothing', ''],
    ['more than 255 characters', 'k'.repeat(256)],
    ['other than ASCII', 'schlüssel'],
  ])('of %s is refused', async (_, key) => {
    const { status, json } = await post('/api/persons', { name: 'Ada' }, { 'idempotency-key': key })
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
    expect(json.msg).toContain('Idempotency-Key')
    expect(await personCount()).toBe(0)
  })

  it.each([
    'k',
    'k'.repeat(255),
    '"8e03978e-40d5-43dd-bc93-6894a57f9324"',
    '{a: b}, ~',
  ])('may be %s', async (key) => {
    expect((await post('/api/persons', { name: 'Ada' }, { 'idempotency-key': key })).status).toBe(201)
  })

  it('has no effect on GET and PUT', async () => {
    const { json } = await post('/api/persons', { name: 'Ada' })
    const path = `/api/persons/${json.id}`
    const headers = { 'idempotency-key': 'k' }
    const put = (name: string) => api.ask('PUT', path, { body: { name }, headers })
    expect([(await put('Grace')).status, (await put('Mary')).status]).toEqual([204, 204])
    const read = await api.ask('GET', path, { headers })
    expect(read.json.name).toBe('Mary')
  })

  it('nor the API key stands anywhere in what is stored', async () => {
    await api.close()
    api = await openTestApi({ config: { apiKeys: ['the-api-key'] } })
    const key = 'the-callers-own-key'
    await post('/api/persons', { name: 'Ada' }, { 'idempotency-key': key, 'x-api-key': 'the-api-key' })
    const { claims } = api.deps.idempotency as unknown as { claims: Map<string, object> }
    const stored = JSON.stringify([...claims])
    expect(claims.size).toBe(1)
    expect(stored).not.toContain(key)
    expect(stored).not.toContain('the-api-key')
  })
})
