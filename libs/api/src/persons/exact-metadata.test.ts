import { aPicture } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeEach(async () => {
  api = await openTestApi()
})
afterEach(() => api.close())

const METADATA =
  '{"id":12345678901234567890,"list":[1.0,-0,{"__proto__":1e400}],"small":0.10,"half":"\\ud800","zero":"\\u0000"}'
const ada = aPicture({ identities: ['ada'] })

const post = (path: string, raw: string, headers: Record<string, string> = {}) =>
  api.ask('POST', path, { raw, headers })

async function sendForm(path: string, fields: Readonly<Record<string, string>>) {
  const form = new FormData()
  form.append('image', new Blob([ada as Uint8Array<ArrayBuffer>]), 'ada.jpg')
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  const request = new Request('http://x', { method: 'POST', body: form })
  const raw = new Uint8Array(await request.arrayBuffer())
  return api.ask('POST', path, {
    raw,
    headers: { 'content-type': request.headers.get('content-type') ?? '' },
  })
}

const search = (createPerson: string) =>
  post(
    '/api/search',
    `{"threshold":1.0,"image":{"content":"${Buffer.from(ada).toString('base64')}"},"createPerson":${createPerson}}`,
  )

describe('numbers in metadata come back to the digit', () => {
  it('of a person, made and changed, alone and in lists', async () => {
    const made = await post('/api/persons', `{"name":"Ada","metadata":${METADATA}}`)
    expect(made.status).toBe(201)
    expect(made.text).toContain(`"metadata":${METADATA}`)
    const { id, groups } = made.json
    const paths = [`/api/persons/${id}`, '/api/persons', `/api/groups/${groups[0]}/persons`]
    for (const path of paths) expect((await api.ask('GET', path)).text).toContain(METADATA)
    await api.ask('PUT', `/api/persons/${id}`, { raw: '{"metadata":{"v":2.50}}' })
    for (const path of paths) expect((await api.ask('GET', path)).text).toContain('"metadata":{"v":2.50}')
  })

  it('of a group', async () => {
    const made = await post('/api/groups', `{"name":"Staff","metadata":${METADATA}}`)
    expect(made.text).toContain(METADATA)
    const path = `/api/groups/${made.json.id}`
    expect((await api.ask('GET', path)).text).toContain(METADATA)
    await api.ask('PUT', path, { raw: '{"metadata":{"v":2.50}}' })
    expect((await api.ask('GET', '/api/groups')).text).toContain('"metadata":{"v":2.50}')
  })

  it('of a person whom a search made and another found', async () => {
    const made = await search(`{"name":"Ada","metadata":${METADATA}}`)
    expect([made.status, made.text.includes(METADATA)]).toEqual([201, true])
    const found = await search('null')
    expect([found.status, found.text.includes(METADATA)]).toEqual([200, true])
  })

  it.each<[string, Readonly<Record<string, string>>]>([
    ['the part request', { request: `{"createPerson":{"name":"Ada","metadata":${METADATA}}}` }],
    ['a field of the person', { createPerson: `{"name":"Ada","metadata":${METADATA}}` }],
    ['a field of the metadata', { 'createPerson.name': 'Ada', 'createPerson.metadata': METADATA }],
  ])('of a form, in %s', async (_where, fields) => {
    const made = await sendForm('/api/search', fields)
    expect([made.status, made.text.includes(METADATA)]).toEqual([201, true])
  })

  it('of a request that is sent again', async () => {
    const headers = { 'idempotency-key': 'k' }
    const raw = `{"name":"Ada","metadata":${METADATA}}`
    const first = await post('/api/persons', raw, headers)
    const again = await post('/api/persons', raw, headers)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.text).toBe(first.text)
    expect(again.text).toContain(METADATA)
  })

  it('and stay within the limits of size and depth', async () => {
    const body = (metadata: string) => post('/api/persons', `{"name":"Ada","metadata":${metadata}}`)
    expect((await body(`{"n":${'9'.repeat(65_000)}}`)).status).toBe(201)
    expect((await body(`{"n":${'9'.repeat(66_000)}}`)).json.msg).toContain('metadata must be at most 65536')
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1.0${'}'.repeat(levels)}`
    expect((await body(nested(32))).status).toBe(201)
    expect((await body(nested(33))).json.msg).toContain('levels deep')
    const many = await body(`{"n":[${'1,'.repeat(60_000)}1]}`)
    expect([many.status, many.json.msg]).toEqual([400, 'the body has more than 10000 values of metadata'])
    expect((await body(`{"n":[${'1,'.repeat(9_990)}1]}`)).status).toBe(201)
    expect((await body('1.0')).json.msg).toBe('metadata must be a JSON object')
  })
})

describe('a list filtered by a number', () => {
  it.each([
    ['12345678901234567890', ['12345678901234567890'], ['12345678901234567000', '12345678901234567891']],
    ['1.0', ['1.0', '1'], ['1.00']],
    ['-0', ['-0', '0'], []],
    ['1e400', ['1e400'], ['null', 'Infinity']],
  ])('%s holds its person by %j, not by %j', async (number, texts, others) => {
    await post('/api/persons', `{"name":"Ada","metadata":{"a":{"n":[${number}]}}}`)
    const count = async (text: string) =>
      (await api.ask('GET', `/api/persons?metadata.a.n=${text}`)).json.items.length
    for (const text of texts) expect([text, await count(text)]).toEqual([text, 1])
    for (const text of others) expect([text, await count(text)]).toEqual([text, 0])
  })
})

describe('a key that metadata has twice', () => {
  it.each([
    ['/api/persons', '{"name":"Ada","metadata":{"a":[{"b":1,"b":1}]}}', 'metadata.a.0.b'],
    ['/api/persons', '{"name":"Ada","metadata":{"a":1,"\\u0061":2}}', 'metadata.a'],
    ['/api/persons', '{"name":"Ada","metadata":{},"metadata":{"a":2}}', 'metadata'],
    ['/api/groups', '{"name":"Ada","metadata":{"__proto__":1,"__proto__":2}}', 'metadata.__proto__'],
    ['/api/search', '{"createPerson":{"name":"Ada","metadata":{"a":1,"a":2}}}', 'createPerson.metadata.a'],
  ])('is refused by %s with its path: %s', async (path, raw, where) => {
    const { status, json } = await post(path, raw)
    expect([status, json.type, json.msg]).toEqual([400, 'BadParamsException', `the body has ${where} twice`])
  })

  it.each<[Readonly<Record<string, string>>]>([
    [{ request: '{"createPerson":{"name":"Ada","metadata":{"a":1,"a":2}}}' }],
    [{ createPerson: '{"name":"Ada","metadata":{"a":1,"a":2}}' }],
    [{ 'createPerson.name': 'Ada', 'createPerson.metadata': '{"a":1,"a":2}' }],
  ])('is refused in a form, too: %j', async (fields) => {
    const { status, json } = await sendForm('/api/search', fields)
    expect([status, json.msg]).toEqual([400, 'the body has createPerson.metadata.a twice'])
  })

  it('may come in two objects, and in what is not metadata', async () => {
    const raw = '{"name":"Eve","name":"Ada","x":{"a":1,"a":2},"metadata":{"a":{"b":1},"c":[{"b":1},{"b":1}]}}'
    expect((await post('/api/persons', raw)).json.name).toBe('Ada')
  })
})
