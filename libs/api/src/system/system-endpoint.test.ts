import { type PackId, type StrangerRates, strangerRates } from '@semblance/core'
import { openTestGallery } from '@semblance/testkit'
import { afterEach, expect, it } from 'vitest'
import type { SystemPorts } from '../api-deps.ts'
import { openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'

const LANE = { waiting: 2, active: 1, preparing: 0, oldestWaitingMs: 12.4, workers: 3 }
let asked = 0
let isQueueThere = true
let serving = 'builtin@2' as PackId
let strangers: StrangerRates | null = null
const system: SystemPorts = {
  shape: 'cluster',
  startedAt: 1_000,
  pack: () => ({ packId: serving, dimensions: 512 }),
  strangers: async () => strangers,
  configured: 'builtin@2' as PackId,
  lanes: async () => {
    asked += 1
    if (!isQueueThere) throw new Error('redis://ada:hunter2@cache is away')
    return { search: LANE, enroll: LANE, bulk: LANE }
  },
  dependencies: async () => [
    { name: 'redis', isUp: false, sinceMs: 5_000, reason: 'the job queue is unavailable' },
    { name: 'mongo', isUp: true, sinceMs: 1_000, reason: null },
  ],
  recent: () => ({
    times: [{ kind: 'run', name: 'search', count: 3, p50Ms: 80, p95Ms: 120.5 }],
    faults: [{ code: 'E_OVERLOADED', where: 'request', count: 7, lastAt: 9_000 }],
  }),
  diskFree: async () => 1_234.6,
}

let api: TestApi
const open = async (options: TestApiOptions = {}) => {
  api = await openTestApi({ ...options, deps: { system, ...options.deps } })
}
afterEach(async () => {
  asked = 0
  isQueueThere = true
  serving = 'builtin@2' as PackId
  strangers = null
  await api.close()
})

it('tells how the installation stands, and names no key and nobody', async () => {
  await open({
    config: { apiKeys: ['one-key', 'other-key'], apiKeyNames: ['Office'], descriptorKeys: ['other-key'] },
  })
  const headers = { 'x-api-key': 'one-key' }
  await api.ask('POST', '/api/persons', { body: { name: 'Ada' }, headers })
  const { status, json, text } = await api.ask('GET', '/api/system', { headers })
  expect(status).toBe(200)
  expect(json).toMatchObject({
    shape: 'cluster',
    version: '0.1.0-test',
    startedAt: '1970-01-01T00:00:01.000Z',
    pack: { id: 'builtin@2', name: 'builtin', version: '2', descriptorLength: 512 },
    counts: { persons: 1, images: 0 },
    latencies: [{ kind: 'run', name: 'search', count: 3, p50Ms: 80, p95Ms: 120.5 }],
    dependencies: [
      { name: 'redis', up: false, since: '1970-01-01T00:00:05.000Z', reason: 'the job queue is unavailable' },
      { name: 'mongo', up: true, since: '1970-01-01T00:00:01.000Z' },
    ],
    faults: [{ code: 'E_OVERLOADED', where: 'request', count: 7, lastAt: '1970-01-01T00:00:09.000Z' }],
    diskFreeBytes: 1235,
  })
  expect(json.lanes.search).toEqual({ waiting: 2, running: 1, preparing: 0, oldestMs: 12, workers: 3 })
  expect(json.keys.map((key: { mayHaveDescriptors: boolean }) => key.mayHaveDescriptors)).toEqual([
    false,
    true,
  ])
  expect(json.keys.map((key: { name: string }) => key.name)).toEqual([
    'Office',
    expect.stringMatching(/^[0-9a-f]{16}$/),
  ])
  for (const secret of ['one-key', 'other-key', 'Ada']) expect(text).not.toContain(secret)
})

it('asks for a key where keys are set, and is not there where nothing is known', async () => {
  await open({ config: { apiKeys: ['one-key'] } })
  expect((await api.ask('GET', '/api/system')).status).toBe(401)
  await api.close()
  api = await openTestApi()
  expect((await api.ask('GET', '/api/system')).status).toBe(404)
})

it('looks once for all who ask within a second', async () => {
  const gallery = openTestGallery()
  await open({ gallery })
  await Promise.all([1, 2, 3].map(() => api.ask('GET', '/api/system')))
  expect(asked).toBe(1)
  gallery.clock.advance(1_001)
  await api.ask('GET', '/api/system')
  expect(asked).toBe(2)
})

it('leaves open what cannot be told, and says nothing of what a driver says', async () => {
  isQueueThere = false
  await open()
  const { status, json, text } = await api.ask('GET', '/api/system')
  expect([status, json.lanes]).toEqual([200, null])
  expect(text).not.toContain('hunter2')
})

it('tells where a gallery of an older pack is to go, and nothing of the kind where it is there', async () => {
  await open()
  const read = async () => (await api.ask('GET', '/api/system')).json.pack
  expect(await read()).not.toHaveProperty('moveTo')
  await api.close()
  serving = 'builtin@1' as PackId
  await open()
  expect(await read()).toMatchObject({ id: 'builtin@1', moveTo: 'builtin@2' })
})

it('tells how often strangers come how near, where that was measured', async () => {
  await open()
  expect((await api.ask('GET', '/api/system')).json.pack).not.toHaveProperty('strangers')
  await api.close()
  const tail = [
    { cosine: 0.3, rate: 0.1 },
    { cosine: 0.8, rate: 1e-8 },
  ] as const
  const point = { richCheap: 0.6, cheapCheap: 0.5, richRich: 0.9 }
  strangers = strangerRates({
    ...point,
    impostorTails: { richCheap: tail, cheapCheap: tail, richRich: tail },
  })
  await open()
  const { search, match, enrolled } = (await api.ask('GET', '/api/system')).json.pack.strangers
  // 0.1 falls by 14 % with each hundredth of the cosine: to 6.31e-6 at the operating point.
  expect(search).toEqual([
    { distance: 0.5, rate: 1e-8 },
    { distance: 1, rate: 6.31e-6 },
    { distance: 1.1875, rate: 0.1 },
  ])
  expect(match[1]).toEqual({ distance: 1, rate: 0.0001585 })
  // Where the tail ends before the operating point, nothing is told of that.
  expect(enrolled.map(({ distance }: { distance: number }) => distance)).toEqual([1.052632, 1.315789])
})
