import type { RequestHandler } from 'express'
import type { Upload } from '../endpoint/endpoint.ts'
import { refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { scopeOf } from './request-scope.ts'
import { unlessIdle } from './unless-idle.ts'

/** Read side by side, each by a few pieces of 64 KB and a batch of rows; the chart's `temporarySizeLimit` has room for as many zips. */
const UPLOADS_AT_ONCE = 8
const RETRY_AFTER_S = '5'
/** Nothing has come for so long: whoever sends has gone. */
const IDLE_MS = 60_000

/** Hands the body to the handler while it comes; 503 at once if too many come already. */
export function openUploads(): (types: readonly string[]) => RequestHandler {
  let open = 0
  return (types) => (req, res, next) => {
    const { 'content-type': contentType = '' } = req.headers
    const [essence = ''] = contentType.toLowerCase().split(';')
    if (!types.includes(essence.trim())) {
      sendReply(res, refuse('UnsupportedMediaType', `the body must be one of ${types.join(', ')}`))
      return
    }
    const { 'content-encoding': encoding = 'identity' } = req.headers
    if (encoding.toLowerCase() !== 'identity') {
      sendReply(
        res,
        refuse('UnsupportedMediaType', 'compressed bodies are not supported; send a .gz as it is'),
      )
      return
    }
    if (open >= UPLOADS_AT_ONCE) {
      const reply = refuse('E_OVERLOADED', 'too many uploads are coming in at once; try again later')
      sendReply(res, { ...reply, headers: { 'Retry-After': RETRY_AFTER_S } })
      return
    }
    open += 1
    res.once('close', () => {
      open -= 1
    })
    const upload: Upload = { contentType, bytes: unlessIdle(req, IDLE_MS) }
    scopeOf(res).upload = upload
    next()
  }
}
