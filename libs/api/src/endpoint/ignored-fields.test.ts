import { aPicture, newTestId } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { endpointsOf } from '../create-api.ts'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
beforeAll(async () => {
  api = await openTestApi()
})
afterAll(() => api.close())

const image = { content: Buffer.from(aPicture({ identities: ['ada'] })).toString('base64') }

async function ignoredIn(path: string, body: unknown, method = 'POST'): Promise<string[]> {
  const { headers } = await api.ask(method, path, { body })
  return headers.get('x-semblance-ignored')?.split(', ') ?? []
}

describe('X-Semblance-Ignored', () => {
  it('names an unknown field of every route, in the query and in the body', async () => {
    const endpoints = endpointsOf(api.deps)
    expect(endpoints.length).toBeGreaterThan(20)
    for (const { method, path, body } of endpoints) {
      const place = `${path.replace(/\{\w+\}/g, () => newTestId())}?zzUnknown=1`
      const asked = body === undefined ? {} : { body: { zzUnknown: 1 } }
      const { headers } = await api.ask(method.toUpperCase(), place, asked)
      const wanted = ['?zzUnknown', ...(body === undefined ? [] : ['zzUnknown'])]
      expect([method, path, headers.get('x-semblance-ignored')]).toEqual([method, path, wanted.join(', ')])
    }
  })

  it('is not there when everything counts', async () => {
    const search = { image, groupIds: [], threshold: 1, limit: 5, detectAll: false, filter: null }
    expect(await ignoredIn('/api/search?withImages=true', search)).toEqual([])
    expect(await ignoredIn('/api/persons', { name: 'Ada', metadata: { any: { thing: [1] } } })).toEqual([])
  })

  it('names fields inside others, once for all items of a list', async () => {
    const outputImageParams = { crop: { typ: 0, type: 0 }, cropp: {} }
    expect(await ignoredIn('/api/search', { image: { ...image, url: 'x' }, outputImageParams })).toEqual([
      'image.url',
      'outputImageParams.crop.typ',
      'outputImageParams.cropp',
    ])
    const config = [
      { name: 'Yaw', rang: [0, 1] },
      { name: 'Roll', rang: [0, 1] },
    ]
    expect(
      await ignoredIn('/api/detect', { image: image.content, processParam: { quality: { config } } }),
    ).toEqual(['processParam.quality.config.rang'])
    expect(await ignoredIn('/api/detect', { image: { ...image, typo: 1 } })).toEqual(['image.typo'])
  })

  it('names what the contract knows and nothing comes of, unless it is null', async () => {
    const asked = {
      image,
      tag: 'a',
      tenant: 'b',
      env: null,
      outputImageParams: { backgroundColor: [1, 2, 3] },
    }
    expect(await ignoredIn('/api/search', asked)).toEqual([
      'tag',
      'tenant',
      'outputImageParams.backgroundColor',
    ])
    const processParam = { quality: { backgroundMatchColor: [1, 2, 3] } }
    expect(await ignoredIn('/api/detect', { image: image.content, processParam })).toEqual([
      'processParam.quality.backgroundMatchColor',
    ])
  })

  it('shows the typo beside the refusal that it led to', async () => {
    const { status, headers } = await api.ask('POST', '/api/persons', { body: { nmae: 'Ada' } })
    expect([status, headers.get('x-semblance-ignored')]).toEqual([400, 'nmae'])
  })

  it('is short and fit for a header, whatever the names are', async () => {
    const odd = { 'a\r\nx-evil: 1': 1, größe: 1, '': 1, [`x${'y'.repeat(9_000)}`]: 1, constructor: 1 }
    const named = await ignoredIn('/api/groups', { name: 'Staff', metadata: {}, ...odd })
    expect(named).toEqual(['a__x-evil:_1', 'gr__e', '_', `x${'y'.repeat(63)}...`, 'constructor'])
    const many = Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`field${index}`, index]))
    const listed = await ignoredIn('/api/groups', { name: 'Staff', metadata: {}, ...many })
    expect([listed.length, listed.at(-1)]).toEqual([21, '...'])
  })

  it('names __proto__ like any other', async () => {
    const raw = '{"name": "Ada", "__proto__": {"name": "Eve"}}'
    const { status, headers } = await api.ask('POST', '/api/persons', { raw })
    expect([status, headers.get('x-semblance-ignored')]).toEqual([201, '__proto__'])
  })
})

describe('what clients of 6.x send', () => {
  it('group_ids and max_distance count as groupIds and threshold', async () => {
    const { json: group } = await api.ask('POST', '/api/groups', { body: { name: 'Staff', metadata: {} } })
    const { json: person } = await api.ask('POST', '/api/persons', {
      body: { name: 'Ada', groups: [group.id] },
    })
    await api.ask('POST', `/api/persons/${person.id}/images`, { body: { image } })
    const found = async (fields: object): Promise<number> => {
      const { json, headers } = await api.ask('POST', '/api/search', { body: { image, ...fields } })
      expect(headers.get('x-semblance-ignored')).toBeNull()
      return json.persons.length
    }
    expect(await found({ group_ids: [group.id], max_distance: 0.5 })).toBe(1)
    expect(await found({ group_ids: [newTestId()] })).toBe(0)
    expect(await found({ group_ids: [newTestId()], groupIds: [group.id] })).toBe(1)
    expect((await api.ask('POST', '/api/search', { body: { image, max_distance: 3 } })).status).toBe(400)
  })

  it('a search at max_distance finds nobody farther away', async () => {
    const other = { content: Buffer.from(aPicture({ identities: ['bob'] })).toString('base64') }
    const near = await api.ask('POST', '/api/search', { body: { image: other, max_distance: 0.01 } })
    const far = await api.ask('POST', '/api/search', { body: { image: other, max_distance: 2 } })
    expect([near.json.persons.length, far.json.persons.length > 0]).toEqual([0, true])
  })

  it.each(['/api/readiness', '/api/ping'])('%s answers 200 with an object', async (path) => {
    const { status, json } = await api.ask('GET', path)
    expect([status, typeof json]).toEqual([200, 'object'])
  })

  it('thumbnails brings crops of the faces', async () => {
    const crops = async (thumbnails: boolean) => {
      const { json } = await api.ask('POST', '/api/detect', { body: { image: image.content, thumbnails } })
      return json.results.detections.map((face: { crop?: string }) => typeof face.crop)
    }
    expect([await crops(true), await crops(false)]).toEqual([['string'], ['undefined']])
  })
})
