import { overloaded } from '@semblance/core'
import { aPicture } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestQueue, openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
afterEach(() => api.close())

describe('probes', () => {
  it('answer with all five keys of DeviceInfo', async () => {
    api = await openTestApi()
    for (const path of ['/api/healthz', '/api/ping']) {
      expect((await api.ask('GET', path)).json).toEqual({
        app: 'Semblance',
        licenseId: null,
        licenseSerial: null,
        licenseValidUntil: null,
        version: '0.1.0-test',
      })
    }
  })

  it.each([
    { missing: [], status: 200, header: null },
    { missing: ['redis', 'workers'], status: 400, header: 'redis, workers' },
  ])('answer $status while $missing are missing, and name them', async ({ missing, status, header }) => {
    api = await openTestApi({ deps: { missing: async () => missing } })
    const answer = await api.ask('GET', '/api/readyz')
    expect(answer).toMatchObject({ status, text: '' })
    expect(answer.headers.get('x-semblance-missing')).toBe(header)
    const json = { ready: status === 200, missing }
    expect(await api.ask('GET', '/api/readiness')).toMatchObject({ status, json })
    expect((await api.ask('GET', '/api/healthz')).status).toBe(200)
  })
})

describe('/metrics', () => {
  it('answers the text of the registry', async () => {
    api = await openTestApi()
    const { status, text, headers } = await api.ask('GET', '/metrics')
    expect([status, text]).toEqual([200, 'semblance_up 1\n'])
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4')
  })
})

describe('what came of requests', () => {
  it('is counted: refusals by type, searches by outcome with the nearest distance', async () => {
    const full = () => Promise.reject(overloaded('lane search', 1))
    api = await openTestApi({ config: { apiKeys: ['k'] } })
    const headers = { 'x-api-key': 'k' }
    const image = { content: Buffer.from(aPicture({ identities: ['ada'] })).toString('base64') }
    const search = async (body: object) => (await api.ask('POST', '/api/search', { body, headers })).status
    expect(await search({ image })).toBe(200)
    expect(await search({ image, createPerson: { name: 'Ada' } })).toBe(201)
    expect(await search({ image })).toBe(200)
    expect(
      await search({ image: { content: Buffer.from(aPicture({ identities: [] })).toString('base64') } }),
    ).toBe(200)
    await api.ask('POST', '/api/match_and_search', { body: { images: [image, image] }, headers })
    expect(api.searches).toEqual([
      { outcome: 'nobody', distance: null },
      { outcome: 'created', distance: null },
      { outcome: 'found', distance: expect.closeTo(0, 1) },
      { outcome: 'no_face', distance: null },
      { outcome: 'found', distance: expect.closeTo(0, 1) },
      { outcome: 'found', distance: expect.closeTo(0, 1) },
    ])
    expect(await search({ image: 7 })).toBe(400)
    await api.ask('GET', '/api/groups')
    expect(api.refusals).toEqual(['BadParamsException', 'Unauthorized'])
    await api.close()

    api = await openTestApi({ queue: createTestQueue(full) })
    expect((await api.ask('POST', '/api/search', { body: { image } })).status).toBe(503)
    expect(api.refusals).toEqual(['E_OVERLOADED'])
  })
})
