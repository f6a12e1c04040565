import { deadlineMissed, type JobQueue, type PictureRef } from '@semblance/core'
import { aPicture } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestQueue, openTestApi, type TestApi } from '../testing/open-test-api.ts'

const DEADLINE_MS = 300
const never = () => new Promise<never>(() => {})
const content = Buffer.from(aPicture()).toString('base64')
const CALLS: readonly (readonly [path: string, body: unknown])[] = [
  ['/api/search', { image: { content } }],
  ['/api/detect', { image: content }],
  ['/api/match', { images: [{ data: content }, { data: content }] }],
  ['/api/match_and_search', { images: [{ content }, { content }] }],
]

let api: TestApi
afterEach(() => api.close())

async function open(deps: Parameters<typeof openTestApi>[0]): Promise<void> {
  api = await openTestApi({
    ...deps,
    config: { searchDeadlineMs: DEADLINE_MS, enrollDeadlineMs: DEADLINE_MS },
  })
}

async function expectLate(path: string, body: unknown): Promise<void> {
  const begun = performance.now()
  const { status, json, headers } = await api.ask('POST', path, { body })
  const ms = performance.now() - begun
  expect([status, json.type, headers.get('retry-after')]).toEqual([503, 'E_DEADLINE', '1'])
  expect(ms).toBeGreaterThanOrEqual(DEADLINE_MS)
  expect(ms).toBeLessThan(DEADLINE_MS + 1_000)
}

describe('a call whose deadline is over is answered', () => {
  it.each(CALLS)('%s: while its picture is on its way to the queue', async (path, body) => {
    const inFlight = { put: never, get: async () => null, drop: async () => {} }
    await open({ deps: { inFlight } })
    await expectLate(path, body)
  })

  it.each(CALLS)('%s: by a queue that does not keep the time', async (path, body) => {
    const signals: AbortSignal[] = []
    const run: JobQueue['run'] = (_, { signal }) => {
      signals.push(signal)
      return never()
    }
    await open({ queue: createTestQueue(run) })
    await expectLate(path, body)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
  })

  it('an enrollment, too, with or without a key', async () => {
    await open({ queue: createTestQueue(never) })
    const { json } = await api.ask('POST', '/api/persons', { body: { name: 'Ada' } })
    await expectLate(`/api/persons/${json.id}/images`, { image: { content } })
    const headers = { 'idempotency-key': 'one' }
    const body = { image: { content } }
    const { status } = await api.ask('POST', `/api/persons/${json.id}/images`, { body, headers })
    expect(status).toBe(503)
  })

  it('by the queue itself where that keeps the time: it knows when to come again', async () => {
    const run: JobQueue['run'] = async ({ name, deadlineMs }) => {
      await new Promise((resolve) => setTimeout(resolve, deadlineMs))
      throw deadlineMissed(name, 7)
    }
    const inFlight = { put: async () => 'x' as PictureRef, get: async () => null, drop: async () => {} }
    await open({ queue: { ...createTestQueue(run), run }, deps: { inFlight } })
    const { headers } = await api.ask('POST', '/api/search', { body: { image: { content } } })
    expect(headers.get('retry-after')).toBe('7')
  })
})
