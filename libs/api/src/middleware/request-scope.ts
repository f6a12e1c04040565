import type { EventEmitter } from 'node:events'
import { overloaded, runInScope, type TraceStep, type WorkScope } from '@semblance/core'
import type { Request, RequestHandler, Response } from 'express'
import type { ApiConfig, ApiDeps, ApiLogger } from '../api-deps.ts'
import type { Caller, CallerSession, RequestContext, Upload } from '../endpoint/endpoint.ts'
import type { ProblemType } from '../endpoint/problem.ts'
import { type AnswerPlace, AnswerRoom } from '../server/answer-room.ts'
import { sessionTokenIn } from '../sessions/sessions.ts'

/** What one request carries through the middleware. */
export interface RequestScope extends RequestContext {
  readonly logger: ApiLogger
  readonly answer: AnswerPlace
  /** This is told once of an exception that nobody expected, for a metric. */
  readonly countUnexpected: () => void
  /** This is set once a key was accepted. */
  caller: Caller
  /** This is set once a session was accepted. */
  session: CallerSession | null
  /** This is set if the call reads its body piece by piece. */
  upload: Upload | null
  /** This is set once a route has matched. */
  route: string
  isHealthCheck: boolean
  /** The type of an answer that is an error. */
  problem: ProblemType | null
}

/** nginx's number for a caller that left; never sent. */
const CLIENT_GONE = 499
const MAX_ID_LENGTH = 128
const ANYONE: Caller = { keyId: null, mayHaveDescriptors: true }
/** A caller takes about so long for a large answer. */
const RETRY_AFTER_S = 1

/**
 * Gives each request its id, its abort signal and, at the end, its log line and metric. Comes first. `failRequest`
 * answers a request whose handler threw where nobody caught it, a timer or an event of its own.
 */
export function openScope(
  deps: Pick<ApiDeps, 'logger' | 'metrics' | 'config' | 'newId' | 'tracing'>,
  failRequest: (res: Response, fault: unknown) => void,
): RequestHandler {
  const answers = new AnswerRoom()
  return (req, res, next) => {
    const begun = performance.now()
    const answer = answers.placeFor(res)
    const gone = new AbortController()
    const requestId = requestIdOf(req) ?? deps.newId()
    const scope: RequestScope = {
      requestId,
      caller: ANYONE,
      session: null,
      signal: gone.signal,
      ...readHead(req, deps.config),
      answer,
      reserveAnswer: (bytes) => {
        if (!answer.ensure(bytes)) throw overloaded('the memory for answers', RETRY_AFTER_S)
      },
      newId: deps.newId,
      upload: null,
      isRepeat: false,
      logger: deps.logger.child({ requestId }),
      countUnexpected: () => deps.metrics.countUnexpected?.('request'),
      route: 'unmatched',
      isHealthCheck: false,
      problem: null,
    }
    res.locals.scope = scope
    res.setHeader('X-RequestID', requestId)
    deps.metrics.changeInFlight?.(1)
    res.once('close', () => {
      deps.metrics.changeInFlight?.(-1)
      if (!res.writableEnded) gone.abort(new Error('the caller left'))
      report(deps.metrics, { req, res, scope, trace, seconds: (performance.now() - begun) / 1000 })
    })
    const trace = beginTrace(deps, req, requestId)
    const work = workOf(res, trace, (fault) => {
      failRequest(res, fault)
      // Whatever of it still waits or runs gives its place back.
      gone.abort(new Error('the request failed'))
    })
    // Their events come from the connection, which belongs to no request.
    for (const emitter of [req, res]) emitWithin(work, emitter)
    runInScope(work, next)
  }
}

/** What connection and headers tell. */
function readHead(req: Request, config: ApiConfig) {
  return {
    peer: req.socket.remoteAddress ?? '',
    isSecure: isSecure(req, config),
    sessionToken: sessionTokenIn(req.headers.cookie),
    baseUrl: baseUrlOf(req, config),
    ifNoneMatch: req.get('if-none-match') ?? null,
    ifMatch: req.get('if-match') ?? null,
    lastEventId: req.get('last-event-id') ?? null,
    accept: req.get('accept') ?? '',
    acceptEncoding: req.get('accept-encoding') ?? '',
  }
}

/** What a request set off may go on for so long after its answer: the longest deadline of a job, twice. */
const AFTERMATH_MS = 60_000

function beginTrace(
  { tracing }: Pick<ApiDeps, 'tracing'>,
  req: Request,
  requestId: string,
): TraceStep | undefined {
  return tracing?.begin({
    name: req.method,
    kind: 'request',
    traceparent: req.get('traceparent') ?? null,
    attributes: { 'http.request.method': req.method, 'semblance.request_id': requestId },
  })
}

function workOf(res: Response, trace: TraceStep | undefined, fail: (fault: unknown) => void): WorkScope {
  let closedAt = Number.POSITIVE_INFINITY
  res.once('close', () => {
    closedAt = performance.now()
  })
  return {
    trace,
    fail: (fault) => {
      // Connections and timers for all may have been opened in the course of one request; theirs is not its fault.
      if (performance.now() - closedAt > AFTERMATH_MS) return false
      fail(fault)
      return true
    },
  }
}

function emitWithin(work: WorkScope, emitter: EventEmitter): void {
  const { emit } = emitter
  emitter.emit = (...event: Parameters<typeof emit>) =>
    runInScope(work, () => emit.apply(emitter, event)) as boolean
}

export function scopeOf(res: Response): RequestScope {
  return res.locals.scope as RequestScope
}

interface Ended {
  readonly req: Request
  readonly res: Response
  readonly scope: RequestScope
  readonly trace: TraceStep | undefined
  readonly seconds: number
}

/** Templates and numbers only: a path holds ids, a body names and pictures. */
function report(metrics: ApiDeps['metrics'], ended: Ended): void {
  const { req, res, scope, seconds } = ended
  const status = res.writableFinished ? res.statusCode : CLIENT_GONE
  const { method } = req
  if (scope.problem !== null) metrics.countRefusal(scope.problem)
  metrics.observeRequest({ method, route: scope.route, status, seconds })
  if (!scope.isHealthCheck) endTrace(ended, status)
  // Orchestrators ask every few seconds; only a check that fails is news.
  if (scope.isHealthCheck && status < 400) return
  scope.logger.info({ method, route: scope.route, status, ms: Math.round(seconds * 1000) }, 'request')
}

function endTrace({ req, scope, trace }: Ended, status: number): void {
  trace?.end({
    name: `${req.method} ${scope.route}`,
    attributes: { 'http.route': scope.route, 'http.response.status_code': status },
    ...(status >= 500 && { fault: { code: scope.problem } }),
  })
}

/** The caller's id if anything printable is left of it: it goes into a header and into logs. */
function requestIdOf(req: Request): string | null {
  const id = (req.get('x-requestid') ?? '').replace(/[^\x20-\x7e]/g, '').trim()
  return id === '' ? null : id.slice(0, MAX_ID_LENGTH)
}

/** A caller who makes up the header of a proxy only keeps their own cookie off the clear. */
function isSecure(req: Request, { publicUrl }: ApiConfig): boolean {
  const forwarded = (req.get('x-forwarded-proto') ?? '').split(',')[0]?.trim().toLowerCase()
  return req.secure || publicUrl?.startsWith('https:') === true || forwarded === 'https'
}

function baseUrlOf(req: Request, config: ApiConfig): string | null {
  if (config.publicUrl !== null) return config.publicUrl.replace(/\/+$/, '')
  const host = req.headers.host ?? ''
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i.test(host) ? `${req.protocol}://${host}` : null
}
