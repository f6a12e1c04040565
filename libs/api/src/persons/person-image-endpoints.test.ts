import { type Damage, type JobQueue, type PersonId, readPerson, storageFull } from '@semblance/core'
import { aPicture, newTestId, openTestGallery } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
let personId: PersonId
let damaged: Damage[]
beforeEach(async () => {
  damaged = []
  const gallery = { ...openTestGallery(), onDamage: (damage: Damage) => damaged.push(damage) }
  api = await openTestApi({ gallery })
  personId = (await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })).json.id
})
afterEach(() => api.close())

const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')
const images = () => `/api/persons/${personId}/images`
const add = (image: unknown, more: object = {}) => api.ask('POST', images(), { body: { image, ...more } })

describe('POST images', () => {
  it('answers 200 with the image, and drops the bytes in flight', async () => {
    const { status, json } = await add(
      { content: base64(aPicture()), contentType: '' },
      { detectAll: false, tag: 't' },
    )
    expect(status).toBe(200)
    const path = `persons/${personId}/images/${json.id}`
    expect(json).toMatchObject({
      contentType: 'image/jpeg',
      path,
      url: `${api.url}/api/${path}`,
      metadata: {},
    })
    expect([api.pictures.puts, api.pictures.held.size]).toEqual([1, 0])
  })

  it('answers which face was taken, how good it is, and how many there were', async () => {
    const picture = aPicture({ identities: ['ada', 'bob', 'eve'] })
    const { json } = await add({ content: base64(picture) })
    expect(json.faceCount).toBe(3)
    expect(json.detection).toMatchObject({
      roi: [0, 0, 80, 80],
      roiInPicture: [0, 0, 80, 80],
      rotationAngle: 0,
      quality: { nonCompliant: expect.arrayContaining(['OtherFaces']) },
    })
    expect(json.detection.landmarks).toHaveLength(5)
    const names = json.detection.quality.details.map(({ name }: { name: string }) => name)
    expect(names).toEqual(expect.arrayContaining(['BlurLevel', 'Roll', 'OtherFaces', 'TooDark']))
    expect(JSON.stringify(json)).not.toContain('descriptor')
  })

  it('refuses a face that is not as good as asked for, and names characteristic, value and limits', async () => {
    const quality = [{ name: 'BlurLevel', range: [0, 0.1] }]
    const { status, json } = await add({ content: base64(aPicture()) }, { quality })
    expect([status, json.type]).toEqual([400, 'FaceQualityTooLow'])
    expect(json.msg).toBe('the face is refused for its quality: BlurLevel is 0.2, and must be at most 0.1')
    expect(json.metadata).toEqual({
      limits: [{ characteristic: 'BlurLevel', value: 0.2, range: [0, 0.1] }],
    })
    expect((await api.ask('GET', images())).json.items).toEqual([])
    // What detect tells of the picture is what the gate judges.
    const asked = { image: { content: base64(aPicture()) }, processParam: { quality: { config: quality } } }
    const detected = await api.ask('POST', '/api/detect', { body: asked })
    const [{ value }] = detected.json.results.detections[0].quality.details
    expect(value).toBe(json.metadata.limits[0].value)
  })

  it('asks for what the server is set to, unless the request says otherwise', async () => {
    const config = { enrollmentQuality: 'strict' } as const
    const strict = await openTestApi({ config })
    const path = `/api/persons/${(await strict.ask('POST', '/api/persons', { body: { name: 'Eve' } })).json.id}/images`
    const send = (more: object) =>
      strict.ask('POST', path, { body: { image: { content: base64(aPicture()) }, ...more } })
    // The eyes of a face of the fake engine lie at one point.
    expect((await send({})).json).toMatchObject({
      type: 'FaceQualityTooLow',
      metadata: { limits: [{ characteristic: 'EyesDistance', value: 0, range: [18, 65_535] }] },
    })
    expect((await send({ quality: 'off' })).status).toBe(200)
    const createPerson = { name: 'Ada' }
    const search = (body: object) => strict.ask('POST', '/api/search', { body })
    const stranger = { image: { content: base64(aPicture({ identities: ['stranger'] })) } }
    expect((await search({ ...stranger, createPerson })).json.code).toBe(231)
    expect((await search({ ...stranger, createPerson: { ...createPerson, quality: 'off' } })).status).toBe(
      201,
    )
    await strict.close()
  })

  it.each([
    'lenient',
    [{ name: 'BlurLevel', range: [1, 0] }],
    [{ name: 'faceQuality.shape', range: [0, 1] }],
  ])('refuses a gate that is none: %o', async (quality) => {
    const { status, json } = await add({ content: base64(aPicture()) }, { quality })
    expect([status, json.type]).toEqual([400, 'BadParamsException'])
    expect(json.msg).toContain('quality')
  })

  it('refuses a picture before it is put in flight where there is no room', async () => {
    const full = () => {
      throw storageFull()
    }
    const gallery = { ...api.gallery, room: { require: full, noteFull: () => {} } }
    const scarce = await openTestApi({ gallery })
    const body = { image: { content: base64(aPicture()) } }
    const { status, json } = await scarce.ask('POST', images(), { body })
    expect([status, json.type, scarce.pictures.puts]).toEqual([503, 'E_STORAGE_FULL', 0])
    await scarce.close()
  })

  it('leaves the face out, and answers all the same, where an earlier release did the work', async () => {
    const { json } = await add({ content: base64(aPicture()) })
    const { detection, faceCount, ...image } = json
    const old: JobQueue = {
      ...api.deps.queue,
      run: async (request, waiting) => {
        const { enrolled: _, ...result } = (await api.deps.queue.run(request, waiting)) as Record<
          string,
          unknown
        >
        return result
      },
    }
    const mixed = await openTestApi({
      gallery: api.gallery,
      queue: old,
      deps: { inFlight: api.deps.inFlight },
    })
    const answer = await mixed.ask('POST', images(), { body: { image: { content: base64(aPicture()) } } })
    await mixed.close()
    expect([answer.status, Object.keys(answer.json)]).toEqual([200, Object.keys(image)])
    expect([detection, faceCount]).not.toContain(undefined)
  })

  it.each([
    ['a data URI', (text: string) => `data:image/jpeg;base64,${text}`],
    [
      'the URL-safe alphabet',
      (text: string) => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
    ],
    ['line breaks', (text: string) => text.replace(/(.{10})/g, '$1\r\n')],
  ])('takes Base64 with %s', async (_name, dress) => {
    const picture = aPicture({ identities: ['>>>???~~~ÿÿ'] })
    const { json } = await add({ content: dress(base64(picture)) })
    expect((await api.ask('GET', `${images()}/${json.id}`)).bytes).toEqual(picture)
  })

  it('shrinks the picture if asked, and stores the small one', async () => {
    const resizeOptions = { width: 100, height: 100, quality: 99 }
    const { json } = await add({ content: base64(aPicture({ side: 400 })), resizeOptions })
    expect((await api.ask('GET', `${images()}/${json.id}`)).text).toContain('"side":100')
  })

  it.each([
    ['a picture without a face', { content: base64(aPicture({ identities: [] })) }, 'FaceNotDetected'],
    ['bytes that are no picture', { content: base64('not a picture') }, 'ImageDecodeError'],
    ['too many pixels', { content: base64(aPicture({ side: 20_000 })) }, 'ImageTooLarge'],
    ['a link that is refused', { imageUrl: 'http://10.0.0.1/secret' }, 'ImageLinkRefused'],
    ['neither content nor link', {}, 'BadParamsException'],
    ['empty content', { content: '' }, 'BadParamsException'],
    ['garbage instead of Base64', { content: '!!!!' }, 'BadParamsException'],
    ['content of another type', { content: 5 }, 'BadParamsException'],
    ['a width of 0', { content: base64(aPicture()), resizeOptions: { width: 0 } }, 'BadParamsException'],
    [
      'a quality of 101',
      { content: base64(aPicture()), resizeOptions: { quality: 101 } },
      'BadParamsException',
    ],
    ['no image', undefined, 'BadParamsException'],
    ['an image that is a string', 'x', 'BadParamsException'],
  ])('answers 400 to %s and stores nothing', async (_name, image, type) => {
    const { status, json } = await add(image)
    expect([status, json.type]).toEqual([400, type])
    expect((await api.ask('GET', images())).json.items).toEqual([])
    expect(api.pictures.held.size).toBe(0)
  })

  it('says nothing of a link but the rule that it broke', async () => {
    const { text } = await add({ imageUrl: 'http://10.0.0.1/secret' })
    expect(text).toContain('leads to an address that is not allowed')
    expect(text).not.toContain('10.0.0.1')
  })

  it('does not bother the queue for a person that is not there', async () => {
    const body = { image: { content: base64(aPicture()) } }
    const { status, json } = await api.ask('POST', `/api/persons/${newTestId()}/images`, { body })
    expect([status, json.type]).toEqual([404, 'PersonNotFound'])
    expect(api.pictures.puts).toBe(0)
    expect((await api.ask('POST', '/api/persons/x/images', { body })).status).toBe(400)
  })

  it('answers 404 for a person that is deleted meanwhile', async () => {
    const { find } = api.gallery.records.persons
    let reads = 0
    api.gallery.records.persons.find = async (id, waiting) => {
      if (reads++ === 1) await api.ask('DELETE', `/api/persons/${personId}`)
      return find.call(api.gallery.records.persons, id, waiting)
    }
    expect((await add({ content: base64(aPicture()) })).status).toBe(404)
    expect(await readPerson(api.gallery, personId)).toBeNull()
  })
})

describe('GET images', () => {
  it('lists newest first, with arrays and links, never with content', async () => {
    const first = (await add({ content: base64(aPicture()) })).json
    api.gallery.clock.advance(1)
    const second = (await add({ content: base64(aPicture({ variation: 1 })) })).json
    const { json } = await api.ask('GET', `${images()}?size=1000`)
    expect(json.items.map((image: { id: string }) => image.id)).toEqual([second.id, first.id])
    expect(json.items[0]).not.toHaveProperty('content')
    expect((await api.ask('GET', json.items[0].url.slice(api.url.length))).bytes).toEqual(
      aPicture({ variation: 1 }),
    )
    expect((await api.ask('GET', `/api/persons/${newTestId()}/images`)).status).toBe(404)
  })
})

describe('GET one image', () => {
  it.each([
    'application/json',
    'application/jsonimage/*',
    'text/html',
    '*/*',
    '',
  ])('answers the bytes to Accept: %s', async (accept) => {
    const { id } = (await add({ content: base64(aPicture()) })).json
    const { status, bytes, headers } = await api.ask('GET', `${images()}/${id}`, { headers: { accept } })
    expect(status).toBe(200)
    expect(bytes).toEqual(aPicture())
    expect(headers.get('content-type')).toBe('image/jpeg')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-disposition')).toBe(`inline; filename="${id}.jpg"`)
    expect(headers.get('cache-control')).toContain('private')
  })

  it('answers 304 to who has it already, and no longer once it is deleted', async () => {
    const { id } = (await add({ content: base64(aPicture()) })).json
    const path = `${images()}/${id}`
    const etag = (await api.ask('GET', path)).headers.get('etag') ?? ''
    const again = () => api.ask('GET', path, { headers: { 'if-none-match': `"other", W/${etag}` } })
    expect(await again()).toMatchObject({ status: 304, text: '' })
    expect((await api.ask('DELETE', path)).status).toBe(204)
    expect((await again()).status).toBe(404)
  })

  it.each([
    { damage: 'cut short', harm: (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 1) },
    { damage: 'empty', harm: () => new Uint8Array() },
    { damage: 'changed by a bit', harm: (bytes: Uint8Array) => bytes.with(9, (bytes[9] ?? 0) ^ 1) },
  ])('answers E_PICTURE_DAMAGED, never the bytes, for a picture that is $damage', async ({ harm }) => {
    const { id } = (await add({ content: base64(aPicture()) })).json
    await api.gallery.pictures.put(id, harm(aPicture()))
    for (const method of ['GET', 'HEAD']) {
      const { status, json, headers } = await api.ask(method, `${images()}/${id}`)
      expect([status, headers.get('etag')]).toEqual([500, null])
      if (method === 'GET') expect(json).toMatchObject({ type: 'E_PICTURE_DAMAGED', metadata: { id } })
    }
    expect(damaged).toEqual(Array(2).fill({ kind: 'picture', id, why: expect.any(String) }))
  })

  it('answers the same for a picture that is missing, and 404 for one whose image was just deleted', async () => {
    const { id } = (await add({ content: base64(aPicture()) })).json
    const path = `${images()}/${id}`
    await api.gallery.pictures.delete(id)
    const { status, json } = await api.ask('GET', path)
    expect([status, json.type, json.metadata]).toEqual([500, 'E_PICTURE_DAMAGED', { id }])
    expect(damaged).toEqual([{ kind: 'picture', id, why: 'it is not there' }])
    const { get } = api.gallery.pictures
    api.gallery.pictures.get = async (wanted) => {
      await api.gallery.records.images.move(wanted, { from: ['ready'], to: 'deleting' })
      return get.call(api.gallery.pictures, wanted)
    }
    expect((await api.ask('GET', path)).status).toBe(404)
    expect(damaged).toHaveLength(1)
  })

  it('answers HEAD without the bytes', async () => {
    const { id } = (await add({ content: base64(aPicture()) })).json
    const { status, bytes, headers } = await api.ask('HEAD', `${images()}/${id}`)
    expect([status, bytes.length]).toEqual([200, 0])
    expect(headers.get('content-length')).toBe(String(aPicture().length))
  })

  it("answers 404 for another person's image", async () => {
    const { id } = (await add({ content: base64(aPicture()) })).json
    const other = (await api.ask('POST', '/api/persons', { body: { name: 'Bob' } })).json
    for (const method of ['GET', 'DELETE']) {
      const { status, json } = await api.ask(method, `/api/persons/${other.id}/images/${id}`)
      expect([status, json.type]).toEqual([404, 'ImageNotFound'])
      expect((await api.ask(method, `/api/persons/${newTestId()}/images/${id}`)).status).toBe(404)
      expect((await api.ask(method, `${images()}/x`)).status).toBe(400)
    }
  })
})
