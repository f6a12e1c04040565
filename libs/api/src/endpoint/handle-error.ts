import { AppError, type ErrorCode } from '@semblance/core'
import type { ErrorRequestHandler, Response } from 'express'
import { type RequestScope, scopeOf } from '../middleware/request-scope.ts'
import { faultStatus } from './problem.ts'
import { type Reply, refusal, refuse } from './reply.ts'
import { sendReply } from './send-reply.ts'

const DEFAULT_RETRY_SECONDS = 1
/** The statuses of faults that a retry may mend; any other is a mistake of ours, or an operator's to mend. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([409, 503])
const LOAD_CODES: ReadonlySet<ErrorCode> = new Set([
  'E_OVERLOADED',
  'E_NO_WORKER',
  'E_CONFLICT',
  'E_DEADLINE',
  'E_SHUTTING_DOWN',
  'E_STORAGE_FULL',
  // The engine itself tells why, each time that it tries its networks.
  'E_ENGINE_UNAVAILABLE',
])

/** The only place where a fault becomes an answer, and where it is logged. */
// biome-ignore lint/complexity/useMaxParams: Express tells an error handler by its four parameters
export const handleError: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const scope = scopeOf(res)
  // The caller left: nobody to answer, and whatever failed thereby is no fault.
  if (scope.signal.aborted || res.headersSent) return
  sendReply(res, replyTo(error, scope))
}

/**
 * Answers an exception that nobody caught: 500, if nothing was answered yet, else the connection is cut, so that half
 * an answer does not pass for a whole one.
 */
export function failRequest(res: Response, fault: unknown): void {
  const scope = scopeOf(res)
  const reply = internalError(fault, scope)
  if (!res.headersSent) sendReply(res, reply)
  else if (!res.writableEnded) res.destroy()
}

function replyTo(error: unknown, scope: RequestScope): Reply {
  if (error instanceof AppError) return replyToAppError(error, scope)
  const status = httpStatusOf(error)
  if (status >= 400 && status < 500) return refuse('BadParamsException', 'the request cannot be read')
  return internalError(error, scope)
}

function replyToAppError(error: AppError, scope: RequestScope): Reply {
  // The one that found it has logged it; each further request would only repeat it.
  if (error.code === 'E_PICTURE_DAMAGED') return refuse(error.code, error.message, error.context)
  const statusCode = faultStatus(error)
  if (!RETRIED_STATUSES.has(statusCode)) return internalError(error, scope)
  const { code } = error
  // These come by the thousand under load, and each is told by its code.
  scope.logger.warn(
    { code, route: scope.route, ...(LOAD_CODES.has(code) ? {} : { err: error }) },
    'request refused',
  )
  const reply = refusal({ statusCode, type: code, msg: error.message, metadata: {} })
  return { ...reply, headers: { 'Retry-After': String(error.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS) } }
}

/** No detail goes out; the id leads to the log line that has it. */
function internalError(error: unknown, scope: RequestScope): Reply {
  scope.logger.error({ err: error, route: scope.route }, 'request failed')
  scope.countUnexpected()
  return refuse('InternalError', `internal error; request ${scope.requestId}`, { requestId: scope.requestId })
}

/** The status of what Express throws, for instance at a path that cannot be decoded; 500 for anything else. */
function httpStatusOf(error: unknown): number {
  if (!(error instanceof Error)) return 500
  const { status } = error as Error & { readonly status?: unknown }
  return typeof status === 'number' ? status : 500
}
