import type { Request, RequestHandler } from 'express'
import { readIdempotencyKey } from '../idempotency/idempotency-key.ts'
import type { OnceOnly } from '../idempotency/once-only.ts'
import { scopeOf } from '../middleware/request-scope.ts'
import { byDeadline } from './by-deadline.ts'
import type { Endpoint, RequestContext } from './endpoint.ts'
import { ignoredFields, noteIgnored } from './ignored-fields.ts'
import { badParams, parseCall } from './parse-call.ts'
import type { Reply } from './reply.ts'
import { sendReply } from './send-reply.ts'

/** Parse, handle, send; what the handler throws goes to the error handler. */
export function dispatch(endpoint: Endpoint): RequestHandler {
  const handle = byDeadline(endpoint)
  return async (req, res) => {
    const { parsed, ignored } = readCall(endpoint, req, scopeOf(res))
    const reply = parsed.outcome === 'refused' ? parsed.reply : await handle(parsed.call)
    sendReply(res, noteIgnored(reply, ignored))
  }
}

/** The same for a call that an `Idempotency-Key` may accompany. What is malformed has no effect and uses no key up. */
export function dispatchOnce(endpoint: Endpoint, once: OnceOnly): RequestHandler {
  const handleOnce = byDeadline(endpoint)
  return async (req, res) => {
    const keyed = readIdempotencyKey(req, scopeOf(res).caller)
    if (keyed.outcome === 'malformed') return sendReply(res, badParams([MALFORMED_KEY]))
    const { parsed, ignored } = readCall(endpoint, req, scopeOf(res))
    const send = (reply: Reply) => sendReply(res, noteIgnored(reply, ignored))
    if (parsed.outcome === 'refused') return send(parsed.reply)
    const { call } = parsed
    if (keyed.outcome === 'none') return send(await handleOnce(call))
    const handle = (context: RequestContext) => handleOnce({ ...call, context })
    send(await once.run({ ticket: keyed.ticket, handle, context: call.context }))
  }
}

const MALFORMED_KEY = {
  field: 'the header Idempotency-Key',
  msg: 'must be one value of 1 to 255 printable ASCII characters',
}

/** Stands apart from the dispatchers, so that they hold nothing of the body while they wait. */
function readCall(endpoint: Endpoint, req: Request, context: RequestContext) {
  const raw = takeInput(req, context)
  return { parsed: parseCall(endpoint, raw), ignored: ignoredFields(endpoint, raw) }
}

/** Takes the body off the request, so that a picture's Base64 text is not kept while its job waits. */
function takeInput(req: Request, context: RequestContext) {
  const { params, query, body } = req
  req.body = undefined
  return { params, query, body, context }
}
