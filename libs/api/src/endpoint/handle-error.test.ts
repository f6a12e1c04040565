import { once } from 'node:events'
import { IncomingMessage, request } from 'node:http'
import {
  AppError,
  type AppErrorOptions,
  currentScope,
  deadlineMissed,
  type ErrorCode,
  engineFailed,
  engineUnavailable,
  jobFailed,
  overloaded,
  packMismatch,
  staleId,
  storeUnavailable,
} from '@semblance/core'
import { aPicture } from '@semblance/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { createTestQueue, openTestApi, type TestApi } from '../testing/open-test-api.ts'

let api: TestApi
afterEach(() => api.close())

const image = { content: Buffer.from(aPicture()).toString('base64') }
async function searchFailingWith(fault: unknown) {
  api = await openTestApi({
    queue: createTestQueue(async () => {
      throw fault
    }),
  })
  return api.ask('POST', '/api/search', { body: { image } })
}

/** As it comes from a worker whose codes are more than ours. */
function ofNewerVersion(options: AppErrorOptions): AppError {
  return new AppError('E_OF_A_NEWER_VERSION' as ErrorCode, 'a newer worker says so', options)
}

describe('a fault', () => {
  it.each([
    [overloaded('the search lane', 3), '3'],
    [deadlineMissed('the search', 2), '2'],
    [storeUnavailable(new Error('secret')), '2'],
    [engineFailed(new Error('secret')), '1'],
    [engineUnavailable(engineFailed(new Error('secret'))), '5'],
    [staleId('x'), '1'],
    [ofNewerVersion({ retryable: true, retryAfterSeconds: 7 }), '7'],
  ])('that passes answers 503 with Retry-After: %s', async (fault, retryAfter) => {
    const { status, json, headers, text } = await searchFailingWith(fault)
    expect([status, json.type, headers.get('retry-after')]).toEqual([503, fault.code, retryAfter])
    expect(text).not.toContain('secret')
    expect(api.pictures.held.size).toBe(0)
    expect(api.logs.filter(({ level }) => level === 'warn')).toHaveLength(1)
  })

  it.each([
    [new TypeError('secret of the code')],
    [jobFailed('search', new Error('secret'))],
    [packMismatch('secret', 'b')],
    [ofNewerVersion({ retryable: false })],
    ['secret'],
    [Object.assign(new AppError('E_JOB_FAILED', 'secret', { retryable: false }), { status: 404 })],
  ])('that does not pass answers 500 with the request id and nothing else: %s', async (fault) => {
    const { status, json, headers, text } = await searchFailingWith(fault)
    expect([status, json.type]).toEqual([500, 'InternalError'])
    expect(json.metadata).toEqual({ requestId: headers.get('x-requestid') })
    expect(text).not.toContain('secret')
    const errors = api.logs.filter(({ level }) => level === 'error')
    expect(errors).toHaveLength(1)
    expect(errors[0]?.fields).toMatchObject({
      err: fault,
      requestId: json.metadata.requestId,
      route: '/api/search',
    })
  })

  it('of a person that could not be created asks to try again', async () => {
    api = await openTestApi({ queue: createTestQueue(async () => ({ outcome: 'not-created' })) })
    const { status, headers, json } = await api.ask('POST', '/api/search', { body: { image } })
    expect([status, json.type, headers.get('retry-after')]).toEqual([409, 'E_CONFLICT', '1'])
  })

  it('of readiness counts as not ready', async () => {
    api = await openTestApi({ deps: { missing: () => Promise.reject(new Error('x')) } })
    expect(await api.ask('GET', '/api/readyz')).toMatchObject({ status: 400, text: '' })
  })
})

describe('a fault that nobody caught, in something that a request set off', () => {
  /** As the process does with what it hears of. */
  const blame = (fault: unknown) => currentScope()?.fail(fault)

  it('fails that request alone: 500, logged once, counted once, its job given back', async () => {
    const fault = new Error('secret')
    const aborted = Promise.withResolvers<void>()
    let blamed: boolean | undefined
    const counted: string[] = []
    const strays = createTestQueue((_request, { signal }) => {
      signal.addEventListener('abort', () => aborted.resolve())
      setTimeout(() => {
        blamed = blame(fault)
      }, 5)
      return new Promise(() => {})
    })
    const metrics = {
      observeRequest: () => {},
      countRefusal: () => {},
      observeSearch: () => {},
      countUnexpected: (where: string) => counted.push(where),
      render: async () => ({ contentType: 'text/plain', body: '' }),
    }
    api = await openTestApi({ queue: strays, deps: { metrics } })
    const [failed, other] = await Promise.all([
      api.ask('POST', '/api/search', { body: { image } }),
      api.ask('GET', '/api/persons'),
    ])
    await aborted.promise
    expect([failed.status, failed.json.type, other.status]).toEqual([500, 'InternalError', 200])
    expect(failed.text).not.toContain('secret')
    expect([blamed, counted]).toEqual([true, ['request']])
    const errors = api.logs.filter(({ level }) => level === 'error')
    expect(errors).toMatchObject([{ fields: { err: fault, route: '/api/search' } }])
  })

  it('is laid to a request while its body still comes, however late its bytes are', async () => {
    const scopes: unknown[] = []
    api = await openTestApi()
    const { hostname, port } = new URL(api.url)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const call = request({ hostname, port, path: '/api/search', method: 'POST', headers })
    const { emit } = IncomingMessage.prototype
    const note = function (this: IncomingMessage, ...event: [string]) {
      if (event[0] === 'data' && this.method === 'POST') scopes.push(currentScope())
      return emit.apply(this, event as never)
    }
    IncomingMessage.prototype.emit = note as typeof emit
    call.on('error', () => {})
    const answered = once(call, 'response')
    call.write('--x\r\n')
    await expect.poll(() => scopes.length).toBe(1)
    call.end('--x--\r\n')
    await answered
    IncomingMessage.prototype.emit = emit
    expect(scopes.length).toBeGreaterThan(1)
    expect(scopes).not.toContain(null)
  })
})

describe('a caller that leaves', () => {
  it('stops the job, gets no answer, and is counted as 499 without an error', async () => {
    const begun = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<void>()
    api = await openTestApi({
      queue: createTestQueue(async (_request, { signal }) => {
        begun.resolve()
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => {
            stopped.resolve()
            reject(signal.reason)
          }),
        )
      }),
    })
    const { hostname, port } = new URL(api.url)
    const call = request({
      hostname,
      port,
      path: '/api/search',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    })
    call.on('error', () => {})
    call.end(JSON.stringify({ image }))
    await begun.promise
    expect(api.pictures.held.size).toBe(1)
    call.destroy()
    await stopped.promise
    await expect.poll(() => api.pictures.held.size).toBe(0)
    expect(api.requests).toMatchObject([{ route: '/api/search', status: 499 }])
    expect(api.logs.map(({ level }) => level)).toEqual(['info'])
  })
})
