import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { callsTo, inBase64 } from './calls.ts'
import { smallPhotos } from './photos.ts'

interface Span {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly service: string
  readonly attributes: Readonly<Record<string, unknown>>
  readonly text: string
}

interface SentSpan extends Omit<Span, 'attributes' | 'service' | 'text'> {
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[]
}

interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: SentSpan['attributes'] }
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[]
  }[]
}

const shared = findSharedData()
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
const NAME = 'Ada Lovelace-Zyx'

describe.skipIf(shared === null).each(await availableShapes())('the trace of a search, %s', (shape) => {
  const spans: Span[] = []
  let collector: Server
  let log: string
  let personId: string

  beforeAll(async () => {
    collector = createServer(async (request, response) => {
      if (request.url === '/v1/traces') spans.push(...spansOf((await json(request)) as Sent))
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    }).listen(0, '127.0.0.1')
    await once(collector, 'listening')
    const { port } = collector.address() as AddressInfo
    const server = await startInstallation(shape, {
      SEMBLANCE_THREADS: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    })
    try {
      const [photo] = await smallPhotos(shared ?? '')
      personId = await enrollAndSearch(server, photo!)
    } finally {
      // What has not been sent yet is sent at the end.
      await server.close()
      log = server.output()
    }
  }, 180_000)
  afterAll(() => {
    collector?.close()
  })

  it('goes from the request of its caller through queue and worker to the stores', () => {
    const trace = spans.filter(({ traceId }) => traceId === CALLER.traceId)
    const named = (name: string) => trace.find((span) => span.name === name)
    const request = named('POST /api/search')
    expect(request?.parentSpanId).toBe(CALLER.spanId)
    const queue = named('queue search')
    expect(queue?.parentSpanId).toBe(request?.spanId)
    const job = named('job search')
    expect(job?.parentSpanId).toBe(queue?.spanId)
    const parts = trace.filter(({ parentSpanId }) => parentSpanId === job?.spanId).map(({ name }) => name)
    for (const part of ['decode', 'detect', 'describe', 'index.search', 'store persons.findMany'])
      expect(parts).toContain(part)
    const services =
      shape === 'standalone' ? ['semblance-standalone'] : ['semblance-gateway', 'semblance-worker']
    expect([request?.service, job?.service]).toEqual([services[0], services.at(-1)])
  })

  it('has the id of the request in trace, log and job, and nothing of persons', () => {
    const trace = spans.filter(({ traceId }) => traceId === CALLER.traceId)
    const ids = trace
      .map(({ attributes }) => attributes['semblance.request_id'])
      .filter((id) => id !== undefined)
    expect(ids).toEqual(['a-search-to-find', 'a-search-to-find'])
    expect(log).toContain('"requestId":"a-search-to-find"')
    expect(trace.find(({ name }) => name === 'POST /api/search')?.attributes).toMatchObject({
      'http.route': '/api/search',
      'http.response.status_code': 200,
    })
    for (const { text } of spans) for (const secret of [NAME, personId]) expect(text).not.toContain(secret)
  })

  it('leaves health checks out', () => {
    expect(spans.map(({ name }) => name).filter((name) => /readyz|healthz|metrics/.test(name))).toEqual([])
  })
})

async function enrollAndSearch(server: Installation, photo: Buffer): Promise<string> {
  const calls = callsTo(server)
  const personId = await calls.createPerson({ name: NAME })
  const image = inBase64(photo)
  expect((await calls.ask('POST', `/persons/${personId}/images`, { image })).status).toBe(200)
  const answer = await fetch(`${server.url}/api/search`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-requestid': 'a-search-to-find',
      traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01`,
    },
    body: JSON.stringify({ image }),
  })
  expect(answer.status).toBe(200)
  expect(JSON.stringify(await answer.json())).toContain(personId)
  return personId
}

function spansOf({ resourceSpans }: Sent): readonly Span[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        ...span,
        service: String(valuesOf(resource.attributes)['service.name']),
        attributes: valuesOf(span.attributes),
        text: JSON.stringify(span),
      })),
    ),
  )
}

function valuesOf(attributes: SentSpan['attributes']): Readonly<Record<string, unknown>> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
