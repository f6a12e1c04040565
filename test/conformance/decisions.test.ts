import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Calls, callsTo, inBase64 } from '../e2e/calls.ts'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const STRANGER = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
/** Of the eight on the photo of a group. */
const MOST_FACES = 6
const CONSOLE = 'https://console.example'

interface Hit {
  readonly id: string
  readonly name: string
  readonly images: readonly {
    readonly id: string
    readonly cosine: number
    readonly distance: number
    readonly similarity: number
  }[]
}

/** Section 3 of the contract: what it leaves open and we have decided; limits and refusals are in test/e2e/hostile-*. */
describe.skipIf(shared === null).each(await shapesByTier())('what we have decided, %s', (shape) => {
  let server: Installation
  let calls: Calls
  let photos: Record<'gul' | 'gulAgain' | 'biden' | 'obama' | 'two', Buffer>
  let staff: string
  let gul: string
  let biden: string
  let image: string

  beforeAll(async () => {
    server = await startInstallation(shape, {
      SEMBLANCE_CORS_ORIGINS: CONSOLE,
      SEMBLANCE_MAX_FACES: String(MOST_FACES),
    })
    calls = callsTo(server)
    const lfw = (number: string) => `lfw-dev/images/Abdullah_Gul/Abdullah_Gul_${number}.jpg`
    const example = (name: string) => `photos/ageitgey-face_recognition/examples/${name}.jpg`
    const paths = [lfw('0002'), lfw('0004'), example('biden'), example('obama'), example('two_people')]
    const [one, again, joe, barack, two] = await Promise.all(
      paths.map((path) => readFile(join(shared!, path))),
    )
    photos = { gul: one!, gulAgain: again!, biden: joe!, obama: barack!, two: two! }
    staff = await calls.createGroup('Staff')
    gul = await calls.createPerson({
      name: 'Gul',
      externalId: 'e-1',
      metadata: { floor: 3, desk: { row: 'b' } },
      groups: [staff],
    })
    biden = await calls.createPerson({ name: 'Biden', externalId: 'e-2', metadata: { floor: 4 }, groups: [] })
    image = (await calls.addImage(gul, photos.gul)).json.id
    await calls.addImage(biden, photos.biden)
  }, 400_000)
  afterAll(() => server?.close())

  const hits = ({ json }: Answer): readonly Hit[] => json.persons
  const found = (answer: Answer) => hits(answer).map(({ id }) => id)
  const search = (fields: object = {}, picture = photos.gulAgain) =>
    calls.search(picture, fields as Record<string, unknown>)
  const personsOf = async (path = '/persons') => (await calls.ask('GET', path)).json.items as { id: string }[]

  describe('distance and similarity', () => {
    it('follow from the cosine of each hit and one operating point for all', async () => {
      const [near, far] = hits(await search({ threshold: 2 })).map(({ images }) => images[0]!)
      expect(near!.distance).toBeLessThan(1)
      const operatingPoint = 1 - (1 - near!.cosine) / near!.distance
      expect(far!.distance).toBeCloseTo(1 + (operatingPoint - far!.cosine) / (operatingPoint + 1), 4)
      expect(near!.similarity).toBeCloseTo(1 - near!.distance / 4, 5)
      expect(far!.similarity).toBeCloseTo(0.75 * (2 - far!.distance), 5)
    })

    it('are 0 and 1 for the same descriptor', async () => {
      const answer = await calls.ask('POST', '/search', { imageId: image, includeSelf: true, limit: 1 })
      expect(hits(answer)[0]).toMatchObject({ id: gul, images: [{ cosine: 1, distance: 0, similarity: 1 }] })
    })

    it('a threshold lets in who is just at it, and nobody beyond', async () => {
      const [near] = hits(await search())
      const { distance } = near!.images[0]!
      expect(found(await search({ threshold: distance }))).toEqual([gul])
      expect(found(await search({ threshold: distance - 1e-6 }))).toEqual([])
    })
  })

  describe('a hit', () => {
    it('has the ten best pictures within the threshold, best first', async () => {
      const many = await calls.createPerson({ name: 'Many', groups: [await calls.createGroup('Many')] })
      for (let quality = 50; quality < 100; quality += 4)
        await calls.addImage(many, await sharp(photos.biden).resize(300).jpeg({ quality }).toBuffer())
      expect((await calls.imageIds(many)).length).toBeGreaterThan(10)
      const [hit] = hits(await calls.search(photos.biden)).filter(({ id }) => id === many)
      const distances = hit!.images.map(({ distance }) => distance)
      expect([distances.length, distances]).toEqual([10, distances.toSorted((a, b) => a - b)])
      await calls.ask('DELETE', `/persons/${many}`)
    })

    it('has its pictures only if asked for them', async () => {
      const picturesIn = async (query: string) => {
        const { json } = await calls.ask('POST', `/search${query}`, { image: inBase64(photos.gulAgain) })
        return json.persons[0].images.map(({ content }: { content?: string }) => content)
      }
      expect(await picturesIn('?withImages=true')).toEqual([inBase64(photos.gul).content])
      expect(await picturesIn('')).toEqual([undefined])
    })

    it('has the path of its picture, and an absolute link to it', async () => {
      const [hit] = (await search()).json.persons
      const path = `persons/${gul}/images/${image}`
      expect(hit.images[0]).toMatchObject({ path, url: `${server.url}/api/${path}` })
    })
  })

  it('more than a thousand persons may be asked for, an unknown group is an empty one', async () => {
    expect(found(await search({ threshold: 2, limit: 1_000_000 }))).toEqual([gul, biden])
    const nowhere = await search({ groupIds: [STRANGER] })
    expect([nowhere.status, nowhere.json]).toEqual([200, { code: 0, persons: [] }])
    expect(found(await search({ groupIds: [STRANGER, staff] }))).toEqual([gul])
  })

  it.each<[string, object, ('gul' | 'biden')[]]>([
    ['one of some names', { op: 'in', field: 'name', value: ['Biden', 'Nobody'] }, ['biden']],
    ['none of some names', { op: 'nin', field: 'name', value: ['Biden'] }, ['gul']],
    ['another case', { op: 'in', field: 'name', value: ['biden'] }, []],
    ['no name', { op: 'in', field: 'name', value: [] }, []],
    ['not none', { op: 'nin', field: 'name', value: [] }, ['gul', 'biden']],
    ['one of some external ids', { op: 'in', field: 'externalId', value: ['e-2'] }, ['biden']],
    ['none of some external ids', { op: 'nin', field: 'externalId', value: ['e-2'] }, ['gul']],
  ])('a filter: %s', async (_what, filter, wanted) => {
    const ids = { gul, biden }
    expect(found(await search({ threshold: 2, filter }))).toEqual(wanted.map((name) => ids[name]))
    const inGroup = wanted.includes('gul') ? [gul] : []
    expect(found(await search({ threshold: 2, filter, groupIds: [staff] }))).toEqual(inGroup)
  })

  describe('createPerson', () => {
    it('puts the newcomer into Default, with the picture as its first, for as long as told', async () => {
      const createPerson = { name: 'New', metadata: {}, ttl: 3600 }
      const { status, json } = await search({ createPerson }, photos.obama)
      expect(Date.parse(json.expireAt) - Date.now()).toBeGreaterThan(3_000_000)
      const groups = (await calls.ask('GET', `/persons/${json.id}/groups`)).json.items
      expect([status, groups.map(({ name }: { name: string }) => name)]).toEqual([201, ['Default']])
      const [first, ...others] = await calls.imageIds(json.id)
      const stored = await calls.ask('GET', `/persons/${json.id}/images/${first}`)
      expect([stored.bytes.equals(photos.obama), others]).toEqual([true, []])
      await calls.ask('DELETE', `/persons/${json.id}`)
    })

    it('makes nobody of a picture of several, and answers whom it shows', async () => {
      const before = (await personsOf()).length
      const createPerson = { name: 'Several', metadata: {} }
      const answer = await search({ detectAll: true, createPerson, groupIds: [STRANGER] }, photos.two)
      expect([answer.status, answer.json.persons]).toEqual([200, []])
      expect(await personsOf()).toHaveLength(before)
    })
  })

  it('who has expired is gone from the index, too, within a minute', async () => {
    const enrolled = async () => {
      const { bytes } = await calls.send({ method: 'GET', path: '/metrics' })
      return Number(/^semblance_index_descriptors (\d+)$/m.exec(bytes.toString())?.[1])
    }
    const before = await enrolled()
    expect(before).toBeGreaterThanOrEqual(2)
    const expiry = Date.now() + 6_000
    const guest = await calls.createPerson({ name: 'Guest', expireAt: new Date(expiry).toISOString() })
    expect((await calls.addImage(guest, photos.obama)).status).toBe(200)
    expect(await enrolled()).toBe(before + 1)
    const timeout = expiry + 60_000 - Date.now()
    await expect.poll(enrolled, { timeout, interval: 200 }).toBe(before)
  }, 90_000)

  describe('groups', () => {
    const groupOf = async (person: string) => (await calls.ask('GET', `/persons/${person}/groups`)).json.items

    it('Default may be renamed or deleted, and is made again on need', async () => {
      const one = await calls.createPerson({ name: 'One' })
      const [first] = await groupOf(one)
      expect(first.name).toBe('Default')
      await calls.ask('PUT', `/groups/${first.id}`, { name: 'Renamed' })
      const two = await calls.createPerson({ name: 'Two' })
      expect(await groupOf(two)).toMatchObject([{ id: first.id, name: 'Renamed' }])
      expect((await calls.ask('DELETE', `/groups/${first.id}`)).status).toBe(204)
      expect((await calls.ask('GET', `/persons/${one}`)).json.groups).toEqual([])
      const three = await calls.createPerson({ name: 'Three' })
      const [again] = await groupOf(three)
      expect([again.name, again.id === first.id]).toEqual(['Default', false])
      for (const id of [one, two, three]) await calls.ask('DELETE', `/persons/${id}`)
    })

    it('taken from a person by PUT leave it in none, and metadata is replaced whole', async () => {
      const id = await calls.createPerson({ name: 'x', externalId: 'y', metadata: { a: 1, b: 2 } })
      await calls.ask('PUT', `/persons/${id}`, { groups: [] })
      await calls.ask('PUT', `/persons/${id}`, { metadata: { c: 3 } })
      const { json } = await calls.ask('GET', `/persons/${id}`)
      expect(json).toMatchObject({ name: 'x', externalId: 'y', metadata: { c: 3 }, groups: [] })
      await calls.ask('DELETE', `/persons/${id}`)
    })
  })

  describe('lists', () => {
    it('go by decreasing id, are empty past their end, and have no pages of nothing', async () => {
      const ids = (await personsOf()).map(({ id }) => id)
      expect(ids).toEqual(ids.toSorted().toReversed())
      const beyond = (await calls.ask('GET', '/persons?page=7&size=100')).json
      expect(beyond).toMatchObject({ items: [], page: 7, totalPages: 1 })
      const empty = await calls.createPerson({ name: 'No picture' })
      const none = await calls.ask('GET', `/persons/${empty}/images?size=5000`)
      expect([none.status, none.json]).toEqual([200, { items: [], page: 1, totalPages: 0 }])
      await calls.ask('DELETE', `/persons/${empty}`)
    })

    it.each<[string, 'gul' | 'biden' | null]>([
      ['name=Gul', 'gul'],
      ['name=gul', null],
      ['externalId=e-2', 'biden'],
      ['metadata.floor=4', 'biden'],
      ['metadata.desk.row=b', 'gul'],
      ['metadata.floor=3&name=Gul&externalId=e-1', 'gul'],
      ['metadata.floor=3&name=Biden', null],
      ['metadata.__proto__=x', null],
    ])('of persons take filters: %s', async (query, wanted) => {
      const wantedIds = wanted === null ? [] : [{ gul, biden }[wanted]]
      expect((await personsOf(`/persons?${query}`)).map(({ id }) => id)).toEqual(wantedIds)
    })

    it('of persons refuse a filter that nobody knows', async () => {
      expect((await calls.ask('GET', '/persons?nmae=Gul')).status).toBe(400)
    })
  })

  it("a picture of another person's is not there", async () => {
    for (const method of ['GET', 'DELETE']) {
      const { status, json } = await calls.ask(method, `/persons/${biden}/images/${image}`)
      expect([method, status, json.type]).toEqual([method, 404, 'ImageNotFound'])
    }
    expect(await calls.imageIds(gul)).toEqual([image])
  })

  it.each(['personId', 'imageId'])('a search by a %s that is not there: 404', async (field) => {
    const { status, json } = await calls.ask('POST', '/search', { [field]: STRANGER })
    expect([status, json.type]).toEqual([404, expect.stringMatching(/NotFound$/)])
  })

  it.each([
    [0, [300, 400], 3 / 4],
    [1, [400, 500], 4 / 5],
    [2, [400, 600], 2 / 3],
    [3, [400, 400], 1],
    [4, [350, 450], 7 / 9],
  ])('crop type %i has its proportion, and a size that fits it', async (type, size, ratio) => {
    const shown = async (crop: object) => {
      const processParam = { outputImageParams: { crop } }
      const { json } = await calls.ask('POST', '/detect', {
        image: inBase64(photos.biden).content,
        processParam,
      })
      return sharp(Buffer.from(json.results.detections[0].crop, 'base64')).metadata()
    }
    expect(await shown({ type, size })).toMatchObject({ format: 'jpeg', width: size[0], height: size[1] })
    const unfit = await shown({ type, size: [300, 301 + size[0]!] })
    expect(unfit.width === 300).toBe(false)
    expect(unfit.width / unfit.height).toBeCloseTo(ratio, 1)
  })

  it('of a crowd the largest faces are kept, as many as configured', async () => {
    const crowd = 'photos/exadel-CompreFace/embedding-calculator/sample_images/016_8.jpg'
    const image = inBase64(await readFile(join(shared!, crowd))).content
    const { json } = await calls.ask('POST', '/detect', { image, processParam: { onlyCentralFace: false } })
    expect(json.results.detections).toHaveLength(MOST_FACES)
  })

  describe('browsers', () => {
    const preflight = (origin: string) => {
      const headers = { origin, 'access-control-request-method': 'POST' }
      return calls.send({ method: 'OPTIONS', path: '/api/persons', headers })
    }

    it('of a configured origin get their preflight answered', async () => {
      const { status, headers } = await preflight(CONSOLE)
      expect([status, headers.get('access-control-allow-origin')]).toEqual([204, CONSOLE])
      expect(headers.get('access-control-allow-headers')).toBe(
        'content-type, x-requestid, x-api-key, authorization, idempotency-key, if-match',
      )
    })

    it('of another one get no header, and may not write', async () => {
      const origin = 'https://evil.example'
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull()
      const write = { method: 'POST', path: '/api/persons', headers: { origin }, body: { name: 'Evil' } }
      expect((await calls.send(write)).status).toBe(403)
    })
  })
})
