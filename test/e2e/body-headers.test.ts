import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Installation, shapesByTier, startInstallation } from '../servers/installation.ts'
import { inParallel } from './calls.ts'
import { type FuzzCall, send } from './fuzz-requests.ts'
import { type OpenApi, operationsOf } from './schema-arbitrary.ts'

const STRANGER = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
const JSON_TYPE = 'application/json'
/** Requests under way at once; `send` itself gives up on a server that does not answer. */
const WIDTH = 8

const MULTIPART = 'multipart/form-data'
const contentTypes = [
  '',
  ' ',
  ';',
  'application',
  '/',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/problem+json',
  `${JSON_TYPE}, ${JSON_TYPE}`,
  `${JSON_TYPE};`,
  `${JSON_TYPE}; charset`,
  `${JSON_TYPE}; charset=`,
  `${JSON_TYPE}; charset=""`,
  `${JSON_TYPE}; charset=utf-16le`,
  `${JSON_TYPE}; charset=latin1; charset=utf-8`,
  `${JSON_TYPE}; charset=${'x'.repeat(4000)}`,
  MULTIPART,
  `${MULTIPART}; boundary=`,
  `${MULTIPART}; boundary=""`,
  `${MULTIPART}; boundary=x; charset=utf-16`,
  `${MULTIPART}; boundary=${'x'.repeat(4000)}`,
]

const others: readonly Readonly<Record<string, string>>[] = [
  ...['', 'gzip', 'br', 'deflate', 'identity', 'IDENTITY', 'gzip, identity', 'unknown'].map((encoding) => ({
    'content-encoding': encoding,
  })),
  ...['chunked', 'CHUNKED', 'gzip, chunked'].map((encoding) => ({ 'transfer-encoding': encoding })),
  ...['100-continue', '100-CONTINUE', '', 'unknown', '100-continue, unknown'].map((expected) => ({
    expect: expected,
  })),
  { 'transfer-encoding': 'chunked', expect: '100-continue' },
  { 'transfer-encoding': 'chunked', 'content-encoding': 'gzip' },
]

const headerSets: readonly Readonly<Record<string, string>>[] = [
  ...contentTypes.map((type) => ({ 'content-type': type })),
  ...others.map((headers) => ({ 'content-type': JSON_TYPE, ...headers })),
]

describe.each(await shapesByTier())('odd headers of bodies, %s', (shape) => {
  let server: Installation
  let routes: readonly (Pick<FuzzCall, 'method' | 'path'> & { readonly takesBody: boolean })[]

  beforeAll(async () => {
    server = await startInstallation(shape, { SEMBLANCE_LOG_LEVEL: 'warn' })
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi
    routes = operationsOf(document)
      .filter(({ method }) => method === 'POST' || method === 'PUT')
      .map(({ method, path, takesBody }) => ({
        method,
        path: path.replace(/\{\w+\}/g, STRANGER),
        takesBody,
      }))
  }, 400_000)
  afterAll(() => server?.close())

  it('are answered on every route that takes a body, and never with a fault of ours', async () => {
    expect(routes.length).toBeGreaterThan(5)
    const calls = routes.flatMap((route) =>
      headerSets.flatMap((headers) => ['{}', '{"name":'].map((body) => ({ ...route, headers, body }))),
    )
    const answers = await inParallel(calls, WIDTH, async (call) => {
      const { status } = await send(server.url, call)
      return { status, call }
    })
    // Only so many comparisons may be under way at once.
    const isFull = (status: number, path: string) => status === 503 && path === '/api/duplicates'
    const faults = answers.filter(({ status }) => status < 200 || status >= 500)
    expect(faults.filter(({ status, call }) => !isFull(status, call.path))).toEqual([])
    // Tells that the cases reach the checks, and are not all refused before.
    expect(answers.map(({ status }) => status)).toEqual(expect.arrayContaining([200, 400, 404, 415, 417]))
    const ofCompressed = answers.filter(
      ({ call }) => call.takesBody && call.headers['content-encoding'] === 'gzip',
    )
    expect(new Set(ofCompressed.map(({ status }) => status))).toEqual(new Set([415]))
    expect(server.output()).not.toMatch(/"level":"(error|fatal)"/)
  }, 300_000)
})
