import { request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { MORE_THREADS } from '../servers/server-process.ts'
import { type Calls, callsTo } from './calls.ts'

const nobody = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
/** Stands in names that no log line may show. */
const MARK = 'Zxqname'
/** A picture as far as the fields are concerned; it is judged only after they are. */
const image = { content: 'cGljdHVyZQ==' }
const MAX_BODY_BYTES = 20_000_000

describe.each(await shapesByTier())('hostile input, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let personId: string
  let groupId: string

  const groups = async () => (await calls.ask('GET', '/groups')).json.items
  const persons = async () => (await calls.ask('GET', `/groups/${groupId}/persons`)).json.items

  beforeAll(async () => {
    server = await startInstallation(shape, { SEMBLANCE_LOG_LEVEL: 'debug', ...MORE_THREADS })
    calls = callsTo(server)
    groupId = await calls.createGroup(`${MARK} group`)
    personId = await calls.createPerson({ name: `${MARK} victim`, groups: [groupId] })
  })
  afterAll(() => server?.close())

  afterEach(async () => {
    const [group, ...others] = (await groups()) as { id: string; name: string; metadata: object }[]
    expect([group, others]).toMatchObject([{ id: groupId, name: `${MARK} group`, metadata: {} }, []])
    const [person, ...strangers] = (await persons()) as { id: string; name: string; metadata: object }[]
    expect([person, strangers]).toMatchObject([{ id: personId, name: `${MARK} victim`, metadata: {} }, []])
    expect(await calls.imageIds(personId)).toEqual([])
    expect((await calls.ask('GET', '/readyz')).status).toBe(200)
  })

  const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

  describe('bodies that are no JSON object are refused with 400, everywhere', () => {
    it.each<[string, string | Uint8Array]>([
      ['words', 'not json'],
      ['half an object', '{"name":"x"'],
      ['an array', '[]'],
      ['null', 'null'],
      ['a string', '"x"'],
      ['a number', '42'],
      ['NaN', '{"name":NaN}'],
      ['two values', '{"name":"x"}{"name":"y"}'],
      ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
      ['ten thousand levels', nested(10_000)],
      ['a million brackets', '['.repeat(1_000_000)],
      ['half a million values', `{"groups":[${'1,'.repeat(500_000)}1]}`],
    ])('%s', async (_kind, body) => {
      const routes = [
        ['POST', '/persons'],
        ['PUT', `/persons/${personId}`],
        ['POST', `/persons/${personId}/images`],
        ['POST', '/groups'],
        ['PUT', `/groups/${groupId}`],
        ['PUT', `/groups/${groupId}/persons`],
        ['POST', '/search'],
      ] as const
      for (const [method, path] of routes) {
        const { status, json } = await calls.ask(method, path, body)
        expect([path, status, json.type, typeof json.msg]).toEqual([
          path,
          400,
          'BadParamsException',
          'string',
        ])
      }
    })
  })

  it.each([
    '/detect',
    '/match',
    '/match_and_search',
  ])('%s refuses a body that is no JSON object, too, and answers any other with a code', async (path) => {
    for (const body of ['not json', '{"images":', nested(10_000), 'null', '42']) {
      const { status, json } = await calls.ask('POST', path, body)
      expect([body.slice(0, 10), status, json.type]).toEqual([body.slice(0, 10), 400, 'BadParamsException'])
    }
    for (const body of [
      '{"images":5}',
      '{"image":{}}',
      '{"images":[null]}',
      '{"images":[[]]}',
      '{"image":[]}',
    ]) {
      const { status, json } = await calls.ask('POST', path, body)
      expect([body, status, [1, 203].includes(json.code)]).toEqual([body, 200, true])
    }
  })

  it('an empty body is an empty object: 400 where a field is needed, no change elsewhere', async () => {
    for (const path of ['/persons', `/persons/${personId}/images`, '/groups', '/search'])
      expect((await calls.ask('POST', path, '')).json.type).toBe('BadParamsException')
    for (const path of [`/persons/${personId}`, `/groups/${groupId}`, `/groups/${groupId}/persons`])
      expect((await calls.ask('PUT', path, '')).status).toBe(204)
  })

  it.each<[string, unknown]>([
    ['no name', {}],
    ['name null', { name: null }],
    ['name a number', { name: 1 }],
    ['name an object', { name: { $ne: null } }],
    ['name empty', { name: '' }],
    ['name of 2000 letters', { name: 'x'.repeat(2_000) }],
    ['name with half a surrogate pair', '{"name":"\\ud800"}'],
    ['externalId a number', { name: 'x', externalId: 5 }],
    ['metadata text', { name: 'x', metadata: 'x' }],
    ['metadata a list', { name: 'x', metadata: [] }],
    ['metadata of 70 KB', { name: 'x', metadata: { a: 'x'.repeat(70_000) } }],
    ['metadata of 33 levels', `{"name":"x","metadata":${nested(33)}}`],
    ['groups text', { name: 'x', groups: 'x' }],
    ['groups of malformed ids', { name: 'x', groups: ["' OR 1=1 --"] }],
    ['groups that do not exist', { name: 'x', groups: [nobody] }],
    ['too many groups', { name: 'x', groups: Array.from({ length: 5_000 }, () => nobody) }],
    ['expireAt in words', { name: 'x', expireAt: 'tomorrow' }],
    ['expireAt a number', { name: 'x', expireAt: 4_102_444_800 }],
    ['expireAt past', { name: 'x', expireAt: '2001-01-01T00:00:00Z' }],
    ['ttl negative', { name: 'x', ttl: -1 }],
    ['ttl beyond reason', { name: 'x', ttl: 1e300 }],
  ])('a person with %s: 400', async (_kind, body) => {
    const { status, json } = await calls.ask('POST', '/persons', body)
    expect([status, json.statusCode, json.type]).toEqual([400, 400, 'BadParamsException'])
  })

  it.each<[string, string, string, unknown]>([
    ['PUT person, name a list', 'PUT', '/persons/:person', { name: ['x'] }],
    ['PUT person, unknown group', 'PUT', '/persons/:person', { groups: [nobody] }],
    ['PUT person, metadata text', 'PUT', '/persons/:person', { metadata: 'x' }],
    ['POST group without metadata', 'POST', '/groups', { name: 'x' }],
    ['POST group, name true', 'POST', '/groups', { name: true, metadata: {} }],
    ['PUT group, name empty', 'PUT', '/groups/:group', { name: '' }],
    ['PUT members, addItems text', 'PUT', '/groups/:group/persons', { addItems: 'x' }],
    ['PUT members, malformed id', 'PUT', '/groups/:group/persons', { removeItems: ['1'] }],
    ['POST image without image', 'POST', '/persons/:person/images', {}],
    ['POST image, image text', 'POST', '/persons/:person/images', { image: 'x' }],
    ['POST image, image empty', 'POST', '/persons/:person/images', { image: {} }],
    ['search without image', 'POST', '/search', { groupIds: [] }],
    ['search, threshold text', 'POST', '/search', { image, threshold: '1' }],
    ['search, threshold 2.1', 'POST', '/search', { image, threshold: 2.1 }],
    ['search, threshold -1', 'POST', '/search', { image, threshold: -1 }],
    ['search, limit 0', 'POST', '/search', { image, limit: 0 }],
    ['search, limit 1.5', 'POST', '/search', { image, limit: 1.5 }],
    ['search, detectAll text', 'POST', '/search', { image, detectAll: 'yes' }],
    ['search, groupIds text', 'POST', '/search', { image, groupIds: nobody }],
    ['search, groupIds malformed', 'POST', '/search', { image, groupIds: ['../..'] }],
    ['search, unknown op', 'POST', '/search', { image, filter: { op: 'gt', field: 'name', value: [] } }],
    [
      'search, unknown field',
      'POST',
      '/search',
      { image, filter: { op: 'in', field: 'metadata', value: [] } },
    ],
    [
      'search, filter value text',
      'POST',
      '/search',
      { image, filter: { op: 'in', field: 'name', value: 'x' } },
    ],
    ['search, crop type 9', 'POST', '/search', { image, outputImageParams: { crop: { type: 9 } } }],
    [
      'search, crop of 1e9',
      'POST',
      '/search',
      { image, outputImageParams: { crop: { type: 3, size: [1e9, 1e9] } } },
    ],
    [
      'search, padColor 300',
      'POST',
      '/search',
      { image, outputImageParams: { crop: { padColor: [300, 0, 0] } } },
    ],
    [
      'search, resize to 0',
      'POST',
      '/search',
      { image: { ...image, resizeOptions: { width: 0, height: 1 } } },
    ],
    ['search, quality 101', 'POST', '/search', { image: { ...image, resizeOptions: { quality: 101 } } }],
    ['search, createPerson nameless', 'POST', '/search', { image, createPerson: { metadata: {} } }],
    ['search, withImages perhaps', 'POST', '/search?withImages=perhaps', { image }],
    ['page 0', 'GET', '/groups?page=0', undefined],
    ['page -1', 'GET', '/groups?page=-1', undefined],
    ['page 1e3', 'GET', '/groups?page=1e3', undefined],
    ['page twice', 'GET', '/groups?page=1&page=2', undefined],
    ['size 0', 'GET', '/groups/:group/persons?size=0', undefined],
    ['size of 30 digits', 'GET', `/groups?size=${'9'.repeat(30)}`, undefined],
  ])('%s: 400', async (_kind, ...[method, path, body]) => {
    const there = path.replace(':person', personId).replace(':group', groupId)
    const { status, json } = await calls.ask(method, there, body)
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
  })

  it.each<[string, unknown]>([
    ['garbage', '!!!!'],
    ['a star in the middle', 'AAAA*AAA'],
    ['one digit', 'A'],
    ['padding alone', '='],
    ['padding in the middle', 'AA==AAAA'],
    ['a data URI that is not Base64', 'data:image/jpeg,hello'],
    ['a data URI of nothing', 'data:image/jpeg;base64,'],
    ['a number', 5],
    ['a list of bytes', [255, 216, 255]],
  ])('Base64 that is %s: 400 to add and to search', async (_kind, content) => {
    for (const path of [`/persons/${personId}/images`, '/search']) {
      const { status, json } = await calls.ask('POST', path, { image: { content } })
      expect([status, json.type]).toEqual([400, 'BadParamsException'])
    }
  })

  it.each([
    'file:///etc/passwd',
    'ftp://example.org/x.jpg',
    'no link at all',
    'http://',
    'http://127.0.0.1:PORT/api/groups',
    'http://localhost:PORT/api/groups',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://2130706433:PORT/',
    'http://0.0.0.0:PORT/',
    'http://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/x.jpg',
  ])('the link %s is not followed: 400', async (link) => {
    const imageUrl = link.replace('PORT', new URL(server.url).port)
    const added = await calls.ask('POST', `/persons/${personId}/images`, { image: { imageUrl } })
    expect([added.status, added.json.type]).toEqual([400, 'ImageLinkRefused'])
    const found = await calls.ask('POST', '/search', { image: { imageUrl } })
    expect([found.status, found.json.type]).toEqual([400, 'BadParamsException'])
    expect(added.bytes.toString()).not.toContain(imageUrl)
  })

  it('a data URI as a link says where the picture belongs: 400', async () => {
    const image = { imageUrl: 'data:image/png;base64,AAAA' }
    for (const path of [`/persons/${personId}/images`, '/search']) {
      const { status, json } = await calls.ask('POST', path, { image })
      expect([status, json.type]).toEqual([400, 'BadParamsException'])
      expect(json.msg).toContain('is a data URI and no link')
      expect(json.msg).not.toContain('AAAA')
    }
  })

  it.each<[string, string, number]>([
    ['GET', '/api/persons/1', 400],
    ['GET', `/api/persons/${nobody}`, 404],
    ['GET', `/api/persons/${nobody}'--`, 400],
    ['GET', '/api/persons/..%2f..%2f..%2fetc%2fpasswd', 400],
    ['GET', '/api/persons/%00', 400],
    ['GET', '/api/persons/%', 400],
    ['GET', `/api/persons/${'a'.repeat(8_000)}`, 400],
    ['GET', '/api/persons/__proto__', 400],
    ['DELETE', '/api/groups/1', 404],
    ['GET', '/api/../../etc/passwd', 404],
    ['GET', '/docs/..%2f..%2fpackage.json', 404],
    ['GET', '/api/nothing', 404],
    ['GET', '/nothing', 404],
    ['POST', '/api', 404],
    ['PATCH', '/api/persons', 405],
    ['DELETE', '/api/persons', 400],
    ['DELETE', '/api/groups', 405],
    ['PUT', '/api/search', 405],
    ['GET', '/api/search', 405],
    ['POST', '/api/healthz', 405],
    ['PROPFIND', '/api/groups', 405],
    ['GET', `/api/groups?${'q'.repeat(20_000)}`, 431],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await raw(method, path)).status).toBe(status)
  })

  it.each<[string, Readonly<Record<string, string>>, number]>([
    ['text/plain', { 'content-type': 'text/plain' }, 415],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['multipart', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['UTF-16', { 'content-type': 'application/json; charset=utf-16' }, 415],
    ['gzip', { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 415],
    ['a strange host', { 'content-type': 'application/json', host: 'evil.example' }, 403],
  ])('a body declared as %s', async (_kind, headers, status) => {
    expect((await raw('POST', '/api/persons', { headers, body: `{"name":"${MARK}"}` })).status).toBe(status)
  })

  it('a body over the limit: 413, with and without its length declared', async () => {
    const content = 'A'.repeat(MAX_BODY_BYTES)
    const declared = await calls.ask('POST', '/search', { image: { content } })
    expect([declared.status, declared.json.type]).toEqual([413, 'BodyTooLarge'])
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    const body = JSON.stringify({ image: { content } })
    expect((await raw('POST', '/api/search', { headers, body })).status).toBe(413)
  })

  it('a body that never ends keeps nobody else waiting', async () => {
    const { hostname, port } = new URL(server.url)
    const sockets = Array.from({ length: 50 }, () => connect(Number(port), hostname))
    for (const socket of sockets) {
      socket.on('error', () => {})
      socket.write(`POST /api/persons HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\n`)
      socket.write('content-length: 1000\r\n\r\n{"name":"')
    }
    const asked = performance.now()
    expect(await calls.imageIds(personId)).toEqual([])
    expect(performance.now() - asked).toBeLessThan(5_000)
    for (const socket of sockets) socket.destroy()
  })

  it('what is not HTTP: 400, and the line is closed', async () => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.write('\x16\x03\x01 no HTTP at all\r\n\r\n')
    let answer = ''
    for await (const chunk of socket) answer += String(chunk)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  })

  it('fields nobody knows are passed over', async () => {
    const body = { name: `${MARK} odd`, group_ids: 5, isAdmin: true, id: nobody, createdAt: 'never' }
    const { status, json } = await calls.ask('POST', '/persons', { ...body, groups: [groupId] })
    expect([status, json.name, json.id === nobody]).toEqual([201, body.name, false])
    expect((await calls.ask('DELETE', `/persons/${json.id}`)).status).toBe(204)
  })

  it('keys such as __proto__ in metadata come back as sent and reach nobody else', async () => {
    const metadata = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"p":1}},"a.b":1,"$set":{"c":2}}'
    const body = `{"name":"x","__proto__":{"externalId":"y"},"groups":["${groupId}"],"metadata":${metadata}}`
    const { status, json, bytes } = await calls.ask('POST', '/persons', body)
    expect([status, json.externalId]).toEqual([201, undefined])
    expect(bytes.toString()).toContain(metadata)
    const read = await calls.ask('GET', `/persons/${json.id}`)
    expect(read.bytes.toString()).toContain(metadata)
    expect((await calls.ask('GET', `/persons/${personId}`)).json.metadata).toEqual({})
    await calls.ask('DELETE', `/persons/${json.id}`)
  })

  it('one unknown person among members to add: 404, and nobody is added', async () => {
    const change = { addItems: [personId, nobody], removeItems: [personId] }
    const { status, json } = await calls.ask('PUT', `/groups/${groupId}/persons`, change)
    expect([status, json.type]).toEqual([404, 'PersonNotFound'])
  })

  it('has logged no error, no name and no picture', () => {
    const output = server.output()
    expect(output).not.toMatch(/"level":"(error|fatal)"/)
    expect(output).not.toContain(MARK)
    expect(output).not.toContain(image.content)
    expect(output).not.toContain('AAAAAAAAAAAAAAAAAAAA')
  })

  /** Past what `fetch` would tidy up or refuse to send. */
  function raw(
    method: string,
    path: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly body?: string } = {},
  ): Promise<{ readonly status: number }> {
    const { hostname, port } = new URL(server.url)
    return new Promise((resolve, reject) => {
      const { headers = {}, body } = options
      const call = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
        answer.resume()
        answer.on('error', () => {})
        resolve({ status: answer.statusCode ?? 0 })
      })
      call.on('error', reject)
      call.end(body)
    })
  }
})
