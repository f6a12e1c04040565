import type { Request, RequestHandler } from 'express'
import { scopeOf } from '../middleware/request-scope.ts'
import type { Endpoint } from './endpoint.ts'
import { parseCall } from './parse-call.ts'
import { sendReply } from './send-reply.ts'

/** Parse, handle, send; what the handler throws goes to the error handler. */
export function dispatch(endpoint: Endpoint): RequestHandler {
  return async (req, res) => {
    const parsed = parseCall(endpoint, takeInput(req, scopeOf(res)))
    if (parsed.outcome === 'refused') return sendReply(res, parsed.reply)
    sendReply(res, await endpoint.handle(parsed.call))
  }
}

/** Takes the body off the request, so that a picture's Base64 text is not kept while its job waits. */
function takeInput(req: Request, context: ReturnType<typeof scopeOf>) {
  const { params, query, body } = req
  req.body = undefined
  return { params, query, body, context }
}
