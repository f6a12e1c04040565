import type { Request, RequestHandler, Response } from 'express'
import type { ApiConfig } from '../api-deps.ts'
import { refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'

const ALLOWED_METHODS = 'GET, HEAD, POST, PUT, DELETE'
/** Every header that some call reads, and below those of answers beside the ones that browsers always show. */
const ALLOWED_HEADERS = 'content-type, x-requestid, x-api-key, authorization, idempotency-key, if-match'
const EXPOSED_HEADERS =
  'x-requestid, retry-after, etag, content-disposition, x-semblance-ignored, idempotency-replayed'
const PREFLIGHT_SECONDS = '600'
/** A page may send these without being asked; what they answer stays unreadable to it. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Pages of configured origins may call; a page of any other may not write. Its browser would hide the answer but send
 * a simple request all the same, and on loopback nothing else stands between a web page and the gallery.
 */
export function checkOrigin(config: ApiConfig): RequestHandler {
  const allowed = new Set(config.corsOrigins.map((origin) => new URL(origin).origin))
  const own = config.publicUrl === null ? null : new URL(config.publicUrl).origin
  return (req, res, next) => {
    if (allowed.size > 0) res.vary('Origin')
    const { origin } = req.headers
    if (origin === undefined || origin === own || isSameHost(origin, req)) return next()
    if (allowed.has(origin)) {
      letIn(origin, res)
      return isPreflight(req) ? answerPreflight(res) : next()
    }
    if (SAFE_METHODS.has(req.method)) return next()
    sendReply(res, refuse('OriginNotAllowed', 'pages of this origin may not call this server'))
  }
}

function letIn(origin: string, res: Response): void {
  res.setHeader('Access-Control-Allow-Origin', origin)
  res.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS)
}

function isPreflight(req: Request): boolean {
  return req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined
}

function answerPreflight(res: Response): void {
  res.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS)
  res.setHeader('Access-Control-Allow-Headers', ALLOWED_HEADERS)
  res.setHeader('Access-Control-Max-Age', PREFLIGHT_SECONDS)
  res.status(204).end()
}

/** The docs page calls its own server. The scheme may differ behind a proxy that ends TLS. */
function isSameHost(origin: string, req: Request): boolean {
  return origin.replace(/^https?:\/\//, '') === req.headers.host
}
