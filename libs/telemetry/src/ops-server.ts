import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { MissingDependency } from './dependencies.ts'
import { inTime } from './in-time.ts'
import { listen } from './listen.ts'

export interface OpsServerOptions {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  /** What stands in the way of serving, each with its reason; none: ready. A rejection, or no answer in time, is one, too. */
  readonly missing: () => Promise<readonly MissingDependency[]>
  readonly renderMetrics: () => Promise<{ readonly contentType: string; readonly body: string }>
  /** JSON answers by path, beside the built-in ones; a rejection is answered with 503. */
  readonly pages?: Readonly<Record<string, () => Promise<unknown>>>
  /** What answers a POST, by path: it says who may, and reads the body. Null: not yet. */
  readonly calls?: Readonly<Record<string, () => RequestListener | null>>
  /** This is told what keeps connections from being taken while the server listens. */
  readonly onFault?: (fault: unknown) => void
}

export interface OpsServer {
  readonly url: string
  close(): Promise<void>
}

/** Kubernetes' own default for a health check is 1 s. */
const ANSWER_MS = 900
const MAX_CONNECTIONS = 64
/** What an operator changes where the server cannot listen. */
const SETTINGS = { host: 'SEMBLANCE_OPS_HOST', port: 'SEMBLANCE_OPS_PORT' }
const UNKNOWN: MissingDependency = { name: 'readiness', reason: 'it cannot be told' }

interface Page {
  readonly status: number
  readonly body: string
  readonly contentType?: string
}

/** `/livez`, `/readyz`, `/metrics` and the pages and calls given, on a port that is not the API's. Listening once resolved. */
export async function openOpsServer(options: OpsServerOptions): Promise<OpsServer> {
  // One answer a connection: who sends requests ahead would else have all of them answered at once, and held if not taken.
  const answered = new WeakSet<Socket>()
  const server = createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, async (req, res) => {
    if (answered.has(req.socket)) return
    answered.add(req.socket)
    res.shouldKeepAlive = false
    const path = (req.url ?? '').split('?', 1)[0] ?? ''
    const answer = callFor(req, path, options)
    if (answer !== null) return answer(req, res)
    const page = pageFor(req, path, options)
    send(res, await Promise.resolve(page).catch(() => ({ status: 503, body: 'unavailable' })))
  })
  server.maxConnections = MAX_CONNECTIONS
  // One connection that cannot be taken must not end the process.
  server.on('error', (fault) => {
    if (server.listening) options.onFault?.(fault)
  })
  const { address, port, family } = await listen(server, { ...options, settings: SETTINGS })
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** A web page that points a name of its own at this machine must not read what is meant for it alone. */
function isLoopback(name: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(name)
}

/** The name in a Host header. */
function nameOf(host: string): string {
  return host.replace(/:\d*$/, '')
}

function isForeign({ headers }: IncomingMessage, { host }: OpsServerOptions): boolean {
  return isLoopback(host) && headers.host !== undefined && !isLoopback(nameOf(headers.host))
}

/** Null: the request is no such call. */
function callFor(req: IncomingMessage, path: string, options: OpsServerOptions): RequestListener | null {
  const { calls = {} } = options
  if (req.method !== 'POST' || !Object.hasOwn(calls, path) || isForeign(req, options)) return null
  return calls[path]?.() ?? ((_, res) => send(res, { status: 503, body: 'unavailable' }))
}

function pageFor(req: IncomingMessage, path: string, options: OpsServerOptions): Page | Promise<Page> {
  if (isForeign(req, options)) return { status: 403, body: 'this server answers to localhost only' }
  if (req.method === 'GET' || req.method === 'HEAD') return pageAt(path, options)
  return { status: 405, body: 'only GET is allowed here' }
}

async function pageAt(path: string, options: OpsServerOptions): Promise<Page> {
  if (path === '/livez') return { status: 200, body: 'alive' }
  if (path === '/readyz') {
    const missing = await inTime(options.missing(), ANSWER_MS).catch(() => [UNKNOWN])
    return missing.length === 0 ? { status: 200, body: 'ready' } : { status: 503, body: notReady(missing) }
  }
  if (path === '/metrics') return { status: 200, ...(await options.renderMetrics()) }
  const { pages = {} } = options
  const read = Object.hasOwn(pages, path) ? pages[path] : undefined
  if (read === undefined) return { status: 404, body: 'there is no such page' }
  return {
    status: 200,
    body: JSON.stringify(await inTime(read(), ANSWER_MS)),
    contentType: 'application/json',
  }
}

/** One line each, for the event that Kubernetes shows. */
function notReady(missing: readonly MissingDependency[]): string {
  return missing.map(({ name, reason }) => `not ready: ${name}: ${reason}`).join('\n')
}

function send(res: ServerResponse, { status, body, contentType = 'text/plain' }: Page): void {
  res.writeHead(status, { 'Content-Type': contentType, 'Cache-Control': 'no-store' })
  res.end(body)
}
