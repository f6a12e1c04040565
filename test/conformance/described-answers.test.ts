import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describedAnswers, publicDescription } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Calls, callsTo, inBase64 } from '../e2e/calls.ts'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const isReady = shared !== null && publicDescription !== null
/** What we serve of the contract begins with. */
const SERVED = [
  '/api/persons',
  '/api/groups',
  '/api/search',
  '/api/detect',
  '/api/match',
  '/api/healthz',
  '/api/readyz',
]
/** There is no licence that could lack; not ready is what the tests of starting and stopping show. */
const NEVER_HERE = [/ 403$/, /^GET \/api\/readyz 400$/]
const STRANGER = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'

type Ids = Readonly<Record<'person' | 'group' | 'image', string>>
const UNKNOWN: Ids = { person: STRANGER, group: STRANGER, image: STRANGER }
const MALFORMED: Ids = { person: 'x', group: 'x', image: 'x' }

interface Row {
  readonly call: `${'GET' | 'POST' | 'PUT' | 'DELETE'} /${string}`
  readonly success: 200 | 204
  readonly body?: () => object
  /** 400 if left out. */
  readonly malformed?: 404
}

/** Sections 1.1 and 1.2: every call that names somebody or something; the deletions last. */
function rowsAbout(picture: () => Buffer): readonly Row[] {
  return [
    { call: 'GET /persons/{person}', success: 200 },
    { call: 'PUT /persons/{person}', success: 204, body: () => ({ name: 'Ada Lovelace' }) },
    { call: 'GET /persons/{person}/images', success: 200 },
    { call: 'GET /persons/{person}/images?page=1&size=1', success: 200 },
    { call: 'POST /persons/{person}/images', success: 200, body: () => ({ image: inBase64(picture()) }) },
    { call: 'GET /persons/{person}/images/{image}', success: 200 },
    { call: 'GET /persons/{person}/groups', success: 200 },
    { call: 'GET /groups/{group}', success: 200 },
    { call: 'PUT /groups/{group}', success: 204, body: () => ({ name: 'Guests', metadata: {} }) },
    { call: 'GET /groups/{group}/persons', success: 200 },
    { call: 'PUT /groups/{group}/persons', success: 204, body: () => ({ addItems: [], removeItems: [] }) },
    { call: 'DELETE /persons/{person}/images/{image}', success: 204 },
    { call: 'DELETE /persons/{person}', success: 204 },
    { call: 'DELETE /groups/{group}', success: 204, malformed: 404 },
  ]
}

describe.skipIf(!isReady).each(await availableShapes())('answers that are described, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let [ada, stranger] = [Buffer.alloc(0), Buffer.alloc(0)]
  let ids: Ids

  beforeAll(async () => {
    server = await startInstallation(shape, { SEMBLANCE_CONSOLE: 'off' })
    calls = callsTo(server)
    const photo = (path: string) => readFile(join(shared!, path))
    ada = await photo('lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg')
    stranger = await photo('photos/ageitgey-face_recognition/examples/obama.jpg')
    const group = await calls.createGroup('Staff')
    const person = await calls.createPerson({ name: 'Ada', groups: [group] })
    ids = { person, group, image: (await calls.addImage(person, ada)).json.id }
  }, 400_000)
  afterAll(() => server?.close())

  const pair = (field: string) => [ada, stranger].map((photo) => ({ [field]: inBase64(photo).content }))
  const askRow = ({ call, body }: Row, { person, group, image }: Ids) => {
    const [method = '', path = ''] = call.split(' ')
    const place = path.replace('{person}', person).replace('{group}', group).replace('{image}', image)
    return calls.ask(method, place, body?.())
  }

  function expectRefusal({ status, headers, json }: Answer, wanted: number) {
    expect([status, headers.get('content-type')]).toEqual([wanted, 'application/json; charset=utf-8'])
    expect(json).toMatchObject({ statusCode: wanted, type: expect.stringMatching(/./), metadata: {} })
    expect(json.msg).toMatch(/./)
  }

  describe.each(rowsAbout(() => ada))('$call', (row) => {
    it(`of what is not there: 404`, async () => {
      expectRefusal(await askRow(row, UNKNOWN), 404)
    })

    it(`by an id that is none: ${row.malformed ?? 400}`, async () => {
      expectRefusal(await askRow(row, MALFORMED), row.malformed ?? 400)
    })

    it(`of what is there: ${row.success}`, async () => {
      const { status, bytes } = await askRow(row, ids)
      expect(status).toBe(row.success)
      expect(bytes.length > 0).toBe(row.success === 200)
    })
  })

  it.each<[string, number, string, () => object | undefined]>([
    ['POST', 201, '/persons', () => ({ name: 'Ada', externalId: 'x', groups: [], expireAt: '2999-01-01' })],
    ['POST', 400, '/persons', () => ({ metadata: {} })],
    ['POST', 201, '/groups', () => ({ name: 'Staff', metadata: { floor: 3 } })],
    ['POST', 400, '/groups', () => ({ name: 'Staff' })],
    ['GET', 200, '/groups', () => undefined],
    ['GET', 400, '/groups?page=0', () => undefined],
    [
      'POST',
      200,
      '/search?withImages=true',
      () => ({ image: inBase64(ada), outputImageParams: { crop: {} } }),
    ],
    ['POST', 200, '/search', () => ({ image: inBase64(Buffer.from('no picture')) })],
    [
      'POST',
      201,
      '/search',
      () => ({ image: inBase64(stranger), createPerson: { name: 'New', metadata: {} } }),
    ],
    ['POST', 400, '/search', () => ({})],
    [
      'POST',
      200,
      '/detect',
      () => ({ image: inBase64(ada).content, processParam: { scenario: 'QualityFull' } }),
    ],
    [
      'POST',
      200,
      '/detect',
      () => ({ image: inBase64(ada).content, processParam: { scenario: 'AttributesAll' } }),
    ],
    ['POST', 200, '/detect', () => ({})],
    ['POST', 200, '/match', () => ({ images: [{ data: inBase64(ada).content }, { data: '', type: 1 }] })],
    ['POST', 200, '/match', () => ({ images: pair('data'), outputImageParams: { crop: { type: 3 } } })],
    ['POST', 200, '/match', () => ({})],
    ['POST', 200, '/match_and_search', () => ({ images: pair('content'), threshold: 2 })],
    ['POST', 200, '/match_and_search', () => ({ images: [] })],
    ['GET', 200, '/healthz', () => undefined],
    ['GET', 200, '/readyz', () => undefined],
  ])('%s %i %s', async (method, wanted, ...[path, body]) => {
    const answer = await calls.ask(method, path, body())
    if (wanted >= 400) expectRefusal(answer, wanted)
    else expect(answer.status).toBe(wanted)
  })

  it('a search that creates answers the person at the top, and neither code nor persons', async () => {
    const face = await readFile(join(shared!, 'photos/ageitgey-face_recognition/examples/biden.jpg'))
    const { status, json } = await calls.search(face, { createPerson: { name: 'Newer', metadata: { a: 1 } } })
    expect([status, json.name, json.metadata]).toEqual([201, 'Newer', { a: 1 }])
    expect(json).not.toHaveProperty('code')
    expect(json).not.toHaveProperty('persons')
  })

  it.each([
    ['/api/readyz', null],
    ['/api/readiness', { app: 'Semblance', ready: true }],
    ['/api/ping', { app: 'Semblance' }],
    ['/api/healthz', { licenseId: null, licenseSerial: null, licenseValidUntil: null }],
  ])('%s answers 200', async (path, wanted) => {
    const { status, bytes, json } = await calls.send({ method: 'GET', path })
    expect(status).toBe(200)
    if (wanted === null) expect(bytes.length).toBe(0)
    else expect(json).toMatchObject(wanted)
  })

  it('/metrics is text for Prometheus, and / leads to the docs', async () => {
    const metrics = await calls.send({ method: 'GET', path: '/metrics' })
    expect([metrics.status, metrics.headers.get('content-type')]).toEqual([
      200,
      expect.stringMatching(/^text\/plain/),
    ])
    const root = await calls.send({ method: 'GET', path: '/' })
    expect([root.status, root.headers.get('location')]).toEqual([302, '/docs'])
  })

  it('have all been seen', () => {
    const wanted = describedAnswers(SERVED).filter(
      (answer) => !NEVER_HERE.some((never) => never.test(answer)),
    )
    expect(wanted.length).toBeGreaterThan(40)
    expect(wanted.filter((answer) => !calls.described.has(answer))).toEqual([])
  })
})
