import { afterEach, describe, expect, it } from 'vitest'
import { openTestApi, type TestApi } from '../testing/open-test-api.ts'

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
