import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Calls, callsTo, inBase64 } from '../e2e/calls.ts'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Section 1.6 and the two generations of clients: what they really send, and what they break on. */
describe.skipIf(shared === null).each(await shapesByTier())('what clients really do, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let photo: Buffer
  let group: string
  let person: string
  let image: string

  beforeAll(async () => {
    server = await startInstallation(shape)
    calls = callsTo(server)
    photo = await readFile(join(shared!, 'lfw-dev/images/Abdullah_Gul/Abdullah_Gul_0001.jpg'))
    group = await calls.createGroup('Staff')
    person = await calls.createPerson({ name: 'Gul', metadata: { desk: 7 }, groups: [group] })
    image = (await calls.addImage(person, photo)).json.id
  }, 400_000)
  afterAll(() => server?.close())

  const ignored = ({ headers }: Answer) => headers.get('x-semblance-ignored')
  const found = ({ json }: Answer) => json.persons.map(({ id }: { id: string }) => id)
  const search = (fields: object) => calls.search(photo, fields as Record<string, unknown>)

  it.each([
    'application/json',
    'application/json, text/plain, */*',
    'application/jsonimage/*',
    'image/png',
    'nonsense',
    '',
  ])('ask for a picture with "Accept: %s", and get its bytes', async (accept) => {
    const path = `/api/persons/${person}/images/${image}`
    const { status, headers, bytes } = await calls.send({ method: 'GET', path, headers: { accept } })
    expect([status, headers.get('content-type')]).toEqual([200, 'image/jpeg'])
    expect(bytes.equals(photo)).toBe(true)
  })

  it.each(['image/*', 'text/html', ''])('get JSON whatever they accept, "%s" too', async (accept) => {
    for (const path of [`/api/persons/${person}`, '/api/groups', '/api/persons/x']) {
      const { headers } = await calls.send({ method: 'GET', path, headers: { accept } })
      expect(headers.get('content-type')).toMatch(/^application\/json/)
    }
  })

  it.each([
    '//api//persons',
    '//api/persons/',
    '/api//persons///',
  ])('put slashes of their own into a path: %s', async (path) => {
    const { status, json } = await calls.send({ method: 'POST', path, body: { name: 'Slash', metadata: {} } })
    expect([status, json.name]).toEqual([201, 'Slash'])
    await calls.ask('DELETE', `/persons/${json.id}`)
  })

  it('send an empty X-RequestID, which counts as none', async () => {
    const idFor = async (headers: Readonly<Record<string, string>>) =>
      (await calls.send({ method: 'GET', path: '/api/groups', headers })).headers.get('x-requestid')
    const [none, empty] = [await idFor({}), await idFor({ 'x-requestid': '' })]
    expect([none, empty]).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)])
    expect(none).not.toBe(empty)
    expect(await idFor({ 'x-requestid': 'mine-7' })).toBe('mine-7')
    await expect.poll(() => server.output()).toContain('"requestId":"mine-7"')
  })

  it('page without saying how', async () => {
    for (const path of [`/persons/${person}/images`, `/persons/${person}/groups`, `/groups/${group}/persons`])
      expect((await calls.ask('GET', path)).json).toMatchObject({ page: 1, totalPages: 1, items: [{}] })
  })

  it('read every id as a UUID', async () => {
    const { json } = await calls.ask('GET', `/persons/${person}`)
    expect([json.id, ...json.groups, image]).toEqual([person, group, image])
    for (const id of [person, group, image]) expect(id).toMatch(UUID)
  })

  it('change a group by its name alone, and keep its metadata', async () => {
    const { json } = await calls.ask('POST', '/groups', { name: 'a', metadata: { floor: 3 } })
    expect((await calls.ask('PUT', `/groups/${json.id}`, { name: 'b' })).status).toBe(204)
    expect((await calls.ask('GET', `/groups/${json.id}`)).json).toMatchObject({
      name: 'b',
      metadata: { floor: 3 },
    })
  })

  it.each<[string, object, string | null]>([
    ['no declared type', { image: { contentType: '' } }, null],
    ['a wrong declared type', { image: { contentType: 'application/pdf' } }, null],
    ['detectAll where it means nothing', { detectAll: false }, 'detectAll'],
    ['the quality of a resizing that there is none of', { image: { resizeOptions: { quality: 100 } } }, null],
    ['labels', { tag: 'session-1', tenant: 'a', env: 'b' }, 'tag, tenant, env'],
    ['threshold and limit', { threshold: 0.8, limit: 1 }, 'threshold, limit'],
  ])('add a picture with %s', async (_what, fields, named) => {
    const { image: more = {}, ...rest } = fields as { image?: object }
    const body = { image: { ...inBase64(photo), ...more }, ...rest }
    const answer = await calls.ask('POST', `/persons/${person}/images`, body)
    expect([answer.status, answer.json.contentType, ignored(answer)]).toEqual([200, 'image/jpeg', named])
    await calls.ask('DELETE', `/persons/${person}/images/${answer.json.id}`)
  })

  it('of 6.x say group_ids and max_distance in a search', async () => {
    expect(found(await search({ group_ids: [group], max_distance: 0.9 }))).toEqual([person])
    expect(found(await search({ group_ids: [image] }))).toEqual([])
    expect(ignored(await search({ group_ids: [group], max_distance: 0.9, detectAll: false }))).toBeNull()
  })

  it('of 6.x give a person a ttl', async () => {
    const { json } = await calls.ask('POST', '/persons', { name: 'Guest', metadata: {}, ttl: 3600 })
    // The clock is read once for each.
    const lifeMs = Date.parse(json.expireAt) - Date.parse(json.createdAt)
    expect(Math.abs(lifeMs - 3_600_000)).toBeLessThan(1_000)
    await calls.ask('DELETE', `/persons/${json.id}`)
  })

  it.each([
    [true, 'string'],
    [false, 'undefined'],
  ])('of 6.x say thumbnails: %s to detect', async (thumbnails, crop) => {
    const { json } = await calls.ask('POST', '/detect', { image: inBase64(photo).content, thumbnails })
    expect(json.results.detections.map((face: { crop?: string }) => typeof face.crop)).toEqual([crop])
  })

  it('misspell a field, which is passed over and named', async () => {
    const outputImageParams = { backgroundColor: [1, 2, 3], crop: { type: 0, siez: [300, 400] } }
    const answer = await search({ treshold: 0.1, outputImageParams })
    expect([answer.status, found(answer)]).toEqual([200, [person]])
    expect(ignored(answer)?.split(', ').toSorted()).toEqual([
      'outputImageParams.backgroundColor',
      'outputImageParams.crop.siez',
      'treshold',
    ])
  })

  it('send the whole search of the examples', async () => {
    const crop = { type: 0, padColor: [128, 128, 128], size: [300, 400] }
    const answer = await search({
      groupIds: [],
      detectAll: false,
      threshold: 1,
      limit: 100,
      filter: null,
      createPerson: { name: 'Nobody', metadata: {}, ttl: null },
      outputImageParams: { crop, backgroundColor: null },
    })
    expect([answer.status, found(answer), ignored(answer)]).toEqual([200, [person], null])
    expect(answer.json.persons[0].detection.crop).toMatch(/^\/9j\//)
  })
})
