import { type JobQueue, type JobRequest, overloaded } from '@semblance/core'
import { THUMBNAIL_MAKER } from '@semblance/jobs'
import { aPicture, newTestId } from '@semblance/testkit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
let jobs: JobRequest[]
let personId: string
/** Takes the place of what the worker does next. */
let instead: JobQueue['run'] | null

beforeEach(async () => {
  jobs = []
  instead = null
  const plain = await openTestApi()
  const run: JobQueue['run'] = (request, waiting) => {
    if (request.name === 'thumbnail') jobs.push(request)
    return instead !== null && request.name === 'thumbnail'
      ? instead(request, waiting)
      : plain.deps.queue.run(request, waiting)
  }
  const queue = { ...plain.deps.queue, run }
  api = await openTestApi({ gallery: plain.gallery, queue, deps: { inFlight: plain.deps.inFlight } })
  await plain.close()
  personId = (await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })).json.id
})
afterEach(() => api.close())

const images = () => `/api/persons/${personId}/images`
const picture = () => `/api/persons/${personId}/picture`
const enroll = async (scene: Parameters<typeof aPicture>[0] = {}): Promise<string> => {
  // Ids begin with the time, and lists go by them.
  api.gallery.clock.advance(1)
  const content = Buffer.from(aPicture(scene)).toString('base64')
  return (await api.ask('POST', images(), { body: { image: { content } } })).json.id
}

describe('a picture with a size', () => {
  it('is a small JPEG, asked about before each use', async () => {
    const id = await enroll({ side: 400 })
    const { status, headers, text } = await api.ask('GET', `${images()}/${id}?size=192`)
    expect([status, headers.get('content-type'), headers.get('cache-control')]).toEqual([
      200,
      'image/jpeg',
      'private, no-cache',
    ])
    expect(JSON.parse(text).side).toBe(192)
    expect(headers.get('content-disposition')).toBe(`inline; filename="${id}.jpg"`)
    const etag = headers.get('etag') ?? ''
    const again = await api.ask('GET', `${images()}/${id}?size=192`, { headers: { 'if-none-match': etag } })
    expect([again.status, again.bytes.length, etag.startsWith('W/')]).toEqual([304, 0, false])
    const larger = await api.ask('GET', `${images()}/${id}?size=384`, { headers: { 'if-none-match': etag } })
    expect([larger.status, larger.headers.get('etag') === etag]).toEqual([200, false])
  })

  it('is as it was enrolled without one, and is not made by a worker then', async () => {
    const id = await enroll({ side: 400 })
    const { text, headers } = await api.ask('GET', `${images()}/${id}`)
    expect(JSON.parse(text).side).toBe(400)
    expect(headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/)
    expect(jobs).toEqual([])
  })

  it('may be the face alone', async () => {
    const id = await enroll({ identities: ['ada', 'bob'] })
    const { text } = await api.ask('GET', `${images()}/${id}?size=96&crop=face`)
    expect(text).toBe('crop of ada')
  })

  it.each([
    ['size=100', 'size'],
    ['size=', 'size'],
    ['size=192&size=96', 'size'],
    ['size=192&crop=eyes', 'crop'],
    ['crop=face', 'crop'],
  ])('is refused for %s', async (query, field) => {
    const id = await enroll()
    const { status, json } = await api.ask('GET', `${images()}/${id}?${query}`)
    expect([status, json.type, json.metadata.problems[0].field]).toEqual([400, 'BadParamsException', field])
    expect(jobs).toEqual([])
  })

  it('is made once, and in the lane between searches and imports', async () => {
    const id = await enroll()
    const get = async () => (await api.ask('GET', `${images()}/${id}?size=96`)).text
    expect(await get()).toBe(await get())
    expect(jobs.map(({ lane, payload }) => [lane, payload])).toEqual([
      ['enroll', { requestId: expect.any(String), imageId: id, side: 96, crop: 'whole' }],
    ])
  })

  it('is gone with the picture and with the person, though it was kept', async () => {
    const id = await enroll()
    const path = `${images()}/${id}?size=96`
    const etag = (await api.ask('GET', path)).headers.get('etag') ?? ''
    await api.ask('DELETE', `${images()}/${id}`)
    for (const headers of [{}, { 'if-none-match': etag }]) {
      const { status, json } = await api.ask('GET', path, { headers })
      expect([status, json.type]).toEqual([404, 'ImageNotFound'])
    }
    // The same bytes under another image are another picture.
    const other = await enroll()
    expect((await api.ask('GET', `${images()}/${other}?size=96`)).status).toBe(200)
    await api.ask('DELETE', `/api/persons/${personId}`)
    expect((await api.ask('GET', `${images()}/${other}?size=96`)).json.type).toBe('PersonNotFound')
    expect((await api.ask('GET', picture())).json.type).toBe('PersonNotFound')
  })

  it('waits for room in the lane, of which it may fill a part, and is asked for anew with another encoder', async () => {
    const id = await enroll()
    instead = async () => {
      if (jobs.length === 2) instead = null
      throw overloaded('lane enroll', 1)
    }
    const { status, headers } = await api.ask('GET', `${images()}/${id}?size=96`)
    expect(status).toBe(200)
    expect(jobs.map(({ laneShare }) => laneShare)).toEqual([0.25, 0.25, 0.25])
    expect(headers.get('etag')).toContain(THUMBNAIL_MAKER)
  })

  it("is not another person's", async () => {
    const id = await enroll()
    await api.ask('GET', `${images()}/${id}?size=96`)
    const stranger = (await api.ask('POST', '/api/persons', { body: { name: 'Bob' } })).json.id
    const { json } = await api.ask('GET', `/api/persons/${stranger}/images/${id}?size=96`)
    expect(json.type).toBe('ImageNotFound')
    expect((await api.ask('GET', `/api/persons/${newTestId()}/picture`)).json.type).toBe('PersonNotFound')
  })

  it('that was deleted while it was made is not there, and one that cannot be decoded says so', async () => {
    const id = await enroll()
    instead = async () => ({ outcome: 'gone' })
    expect((await api.ask('GET', `${images()}/${id}?size=96`)).json.type).toBe('ImageNotFound')
    instead = async () => ({ outcome: 'undecodable' })
    const { status, json } = await api.ask('GET', `${images()}/${id}?size=96`)
    expect([status, json.type]).toEqual([400, 'ImageDecodeError'])
    instead = async () => {
      throw overloaded('the lane enroll', 3)
    }
    const busy = await api.ask('GET', `${images()}/${id}?size=96`)
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '3'])
    instead = null
    expect((await api.ask('GET', `${images()}/${id}?size=96`)).status).toBe(200)
  })

  it('of which a hundred are asked for at once fills no lane', async () => {
    const id = await enroll()
    let [running, most] = [0, 0]
    instead = async () => {
      running += 1
      most = Math.max(most, running)
      await new Promise(setImmediate)
      running -= 1
      return { outcome: 'undecodable' }
    }
    const asked = Array.from({ length: 100 }, () => api.ask('GET', `${images()}/${id}?size=96`))
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(100).fill(400))
    expect(most).toBeLessThanOrEqual(16)
  })
})

describe('GET picture', () => {
  it('is the newest picture of the person, and 404 without any', async () => {
    const none = await api.ask('GET', picture())
    expect([none.status, none.json.type]).toEqual([404, 'ImageNotFound'])
    await enroll({ side: 300 })
    const newest = await enroll({ side: 400 })
    const { status, text, headers } = await api.ask('GET', picture())
    expect([status, JSON.parse(text).side]).toEqual([200, 192])
    const same = await api.ask('GET', `${images()}/${newest}?size=192`)
    expect(same.headers.get('etag')).toBe(headers.get('etag'))
    expect((await api.ask('GET', `${picture()}?size=384&crop=face`)).text).toBe('crop of ada')
    expect((await api.ask('GET', `${picture()}?size=1`)).status).toBe(400)
  })

  it('passes over what is damaged and what cannot be decoded', async () => {
    const good = await enroll({ side: 300 })
    const damaged = await enroll({ side: 400 })
    await api.gallery.pictures.put(damaged as never, new Uint8Array(3))
    const { status, headers } = await api.ask('GET', picture())
    expect([status, headers.get('content-disposition')]).toEqual([200, `inline; filename="${good}.jpg"`])
    instead = async () => ({ outcome: 'undecodable' })
    expect((await api.ask('GET', `${picture()}?size=768`)).json.type).toBe('ImageNotFound')
  })
})
