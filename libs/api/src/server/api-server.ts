import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { oneAtATime } from './connection-gate.ts'
import { inOriginForm } from './origin-form.ts'

/** Headers alone take no longer on any honest connection. */
const HEADERS_TIMEOUT_MS = 15_000
/** The time is longer than the 60 s of common load balancers, so that they and not we close an idle connection. */
const KEEP_ALIVE_MS = 65_000
/** None of Node's: each call has its own deadlines for its body, and an archive may take hours to upload. */
const REQUEST_TIMEOUT_MS = 0
const MAX_CONNECTIONS = 10_000
const MAX_HEADER_BYTES = 16_384

export interface ApiServer {
  /** The server, which does not listen yet. */
  readonly http: Server
  /**
   * Everything is still answered, and every answer ends its connection: who comes again makes a new one, which a load balancer
   * leads to another server.
   */
  leave(): void
  /** No new connections; running requests may finish until the signal aborts, then they are cut off. */
  close(waiting: { readonly signal: AbortSignal }): Promise<void>
}

interface ApiServerOptions {
  /**
   * This is told what keeps connections from being taken while the server listens, such as too few file descriptors.
   */
  readonly onFault?: (fault: unknown) => void
}

export function createApiServer(app: RequestListener, options: ApiServerOptions = {}): ApiServer {
  const http = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 2_000,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    oneAtATime(inOriginForm(app)),
  )
  http.maxConnections = MAX_CONNECTIONS
  // One connection that cannot be taken must not end the others.
  http.on('error', (fault) => {
    if (http.listening) options.onFault?.(fault)
  })
  // Node would ask for the body before anybody has looked at its length: `BodyIntake` asks for it.
  http.on('checkContinue', (req, res) => http.emit('request', req, res))
  const silent = silentConnections(http)
  const leave = endConnectionsOnLeaving(http)
  http.on('request', (_req, res) => {
    // Node lets go of idle connections when it begins to close, not of those that become idle after.
    res.once('close', () => {
      if (!http.listening) http.closeIdleConnections()
    })
  })
  const close = async ({ signal }: { readonly signal: AbortSignal }) => {
    leave()
    const closed = closeServer(http, signal)
    for (const socket of silent) socket.destroy()
    await closed
  }
  return { http, leave, close }
}

/** Without it, callers go on to use a connection that is about to be closed, and lose what they send at that moment. */
function endConnectionsOnLeaving(http: Server): () => void {
  const answering = new Set<ServerResponse>()
  let isLeaving = false
  // First of all listeners: the others may answer at once.
  http.prependListener('request', (_req, res) => {
    if (isLeaving) res.shouldKeepAlive = false
    answering.add(res)
    res.once('close', () => answering.delete(res))
  })
  return () => {
    isLeaving = true
    // It has no effect on those that have sent their headers.
    for (const res of answering) res.shouldKeepAlive = false
  }
}

/**
 * Those on which nothing has been asked yet, as browsers and load balancers open them in advance. Node counts them as
 * busy until their headers are due, and would wait for them.
 */
function silentConnections(http: Server): ReadonlySet<Socket> {
  const silent = new Set<Socket>()
  http.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  http.on('request', ({ socket }) => silent.delete(socket))
  return silent
}

async function closeServer(http: Server, signal: AbortSignal): Promise<void> {
  if (!http.listening) return
  const closed = new Promise<void>((resolve) => http.close(() => resolve()))
  const cutOff = () => http.closeAllConnections()
  if (signal.aborted) cutOff()
  signal.addEventListener('abort', cutOff, { once: true })
  await closed
  signal.removeEventListener('abort', cutOff)
}
