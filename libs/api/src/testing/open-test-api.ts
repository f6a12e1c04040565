import type { AddressInfo } from 'node:net'
import {
  type ImageLinks,
  type JobQueue,
  onlyGallery,
  type PictureRef,
  type PicturesInFlight,
} from '@semblance/core'
import { createJobHandlers, type JobName, onlyEngine } from '@semblance/jobs'
import {
  checkAnswer,
  createFakeFaceEngine,
  createNaiveIdempotencyStore,
  openTestGallery,
  type TestGallery,
  type TestGalleryPorts,
} from '@semblance/testkit'
import {
  API_DEFAULTS,
  type ApiConfig,
  type ApiDeps,
  type ApiLogger,
  type ObservedRequest,
  type ObservedSearch,
} from '../api-deps.ts'
import { createApi } from '../create-api.ts'
import { createApiServer } from '../server/api-server.ts'

export interface TestApiOptions {
  readonly config?: Partial<ApiConfig>
  /** Takes the place of the queue that runs the real handlers over a fake face engine. */
  readonly queue?: JobQueue
  readonly ports?: TestGalleryPorts
  /** Pictures behind links, for that queue; left out: every link is refused. */
  readonly links?: ImageLinks
  /** Takes the place of a fresh one: another process over the same stores. */
  readonly gallery?: TestGallery
  readonly deps?: Partial<ApiDeps>
}

export interface Asked {
  readonly body?: unknown
  /** Sent as it is. */
  readonly raw?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly bytes: Uint8Array
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into by tests only
  readonly json: any
}

export interface LogLine {
  readonly level: 'info' | 'warn' | 'error'
  // biome-ignore lint/suspicious/noExplicitAny: read by tests only
  readonly fields: any
  readonly message: string
}

export interface TestApi {
  readonly url: string
  readonly deps: ApiDeps
  readonly gallery: TestGallery
  readonly pictures: CountedPictures
  readonly logs: readonly LogLine[]
  readonly requests: readonly ObservedRequest[]
  /** Types of the errors that were answered. */
  readonly refusals: readonly string[]
  readonly searches: readonly ObservedSearch[]
  /** The number of requests in flight, after each change. */
  readonly inFlight: readonly number[]
  /** `METHOD template status` of the answers so far that the public description knows. */
  readonly described: ReadonlySet<string>
  /** Checks every answer against the public description, too. */
  ask(method: string, path: string, asked?: Asked): Promise<Answered>
  /** Resolves with the next log line that fits. */
  close(): Promise<void>
}

export interface CountedPictures extends PicturesInFlight {
  readonly held: ReadonlyMap<PictureRef, Uint8Array>
  /** Of all pictures that were ever put. */
  readonly puts: number
}

/** The API on a loopback port, over a gallery in memory. */
export async function openTestApi(options: TestApiOptions = {}): Promise<TestApi> {
  const gallery = options.gallery ?? openTestGallery(options.ports)
  const pictures = createCountedPictures()
  const logs: LogLine[] = []
  const counted = createTestMetrics()
  const described = new Set<string>()
  const config: ApiConfig = { ...API_DEFAULTS, version: '0.1.0-test', ...options.config }
  const deps: ApiDeps = {
    galleryOf: onlyGallery(gallery),
    clock: gallery.clock,
    newId: gallery.newId,
    queue: options.queue ?? createDirectQueue(gallery, pictures, options.links ?? refusingLinks),
    inFlight: pictures,
    idempotency: createNaiveIdempotencyStore(gallery.clock),
    logger: createTestLogger(logs),
    metrics: counted.metrics,
    missing: async () => [],
    config,
    ...options.deps,
  }
  const server = createApiServer(createApi(deps))
  await new Promise<void>((resolve) => server.http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}`
  return {
    url,
    deps,
    gallery,
    pictures,
    logs,
    requests: counted.requests,
    refusals: counted.refusals,
    searches: counted.searches,
    inFlight: counted.inFlight,
    described,
    ask: async (method, path, asked = {}) => {
      const answer = await ask(url, { method, path, asked })
      const known = checkAnswer({ method, path, ...answer })
      if (known !== null) described.add(known)
      return answer
    },
    close: () => server.close({ signal: AbortSignal.abort() }),
  }
}

function createTestMetrics() {
  const requests: ObservedRequest[] = []
  const refusals: string[] = []
  const searches: ObservedSearch[] = []
  const inFlight: number[] = [0]
  const metrics: ApiDeps['metrics'] = {
    observeRequest: (request) => requests.push(request),
    changeInFlight: (by) => inFlight.push((inFlight.at(-1) ?? 0) + by),
    countRefusal: (reason) => refusals.push(reason),
    observeSearch: (search) => searches.push(search),
    render: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'semblance_up 1\n' }),
  }
  return { metrics, requests, refusals, searches, inFlight }
}

async function ask(
  url: string,
  call: { readonly method: string; readonly path: string; readonly asked: Asked },
): Promise<Answered> {
  const { method, path, asked } = call
  const content = asked.raw ?? (asked.body === undefined ? undefined : JSON.stringify(asked.body))
  const headers = {
    ...(content === undefined ? {} : { 'content-type': 'application/json' }),
    ...asked.headers,
  }
  const response = await fetch(url + path, {
    method,
    redirect: 'manual',
    headers,
    ...(content === undefined ? {} : { body: content as string }),
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  const json = isJson && text !== '' ? JSON.parse(text) : undefined
  return { status: response.status, headers: response.headers, text, bytes, json }
}

/** Runs the real handlers at once, in this process. */
function createDirectQueue(gallery: TestGallery, inFlight: PicturesInFlight, links: ImageLinks): JobQueue {
  const handlers = createJobHandlers({
    galleryOf: onlyGallery(gallery),
    packs: onlyEngine(createFakeFaceEngine()),
    inFlight,
    links,
    observe: () => {},
  })
  return createTestQueue(({ name, lane, payload }, { signal }) => {
    const handle = handlers[name as JobName]
    // As through a real queue: nothing but JSON goes in or out.
    return handle(JSON.parse(JSON.stringify(payload)), { lane, signal })
  })
}

/** A queue that answers what `run` answers. */
export function createTestQueue(run: JobQueue['run']): JobQueue {
  const idle = { waiting: 0, active: 0, preparing: 0, oldestWaitingMs: 0 }
  return {
    run: async (request, waiting) => JSON.parse(JSON.stringify(await run(request, waiting))),
    load: async () => ({ search: idle, enroll: idle, bulk: idle }),
    close: async () => {},
  }
}

const refusingLinks: ImageLinks = {
  fetch: async () => ({ outcome: 'refused', reason: 'address-not-allowed' }),
  close: async () => {},
}

function createCountedPictures(): CountedPictures {
  const held = new Map<PictureRef, Uint8Array>()
  let puts = 0
  return {
    held,
    get puts() {
      return puts
    },
    put: async (bytes) => {
      const ref = `picture-${puts++}` as PictureRef
      held.set(ref, bytes)
      return ref
    },
    get: async (ref) => held.get(ref) ?? null,
    drop: async (ref) => {
      held.delete(ref)
    },
  }
}

function createTestLogger(logs: LogLine[], bound: object = {}): ApiLogger {
  const write = (level: LogLine['level']) => (fields: object, message: string) =>
    logs.push({ level, fields: { ...bound, ...fields }, message })
  return {
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => createTestLogger(logs, { ...bound, ...fields }),
  }
}
