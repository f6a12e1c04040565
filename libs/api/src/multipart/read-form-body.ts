import type { RequestHandler } from 'express'
import type { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { digestForm, isKeyed } from '../idempotency/idempotency-key.ts'
import { bodyOfForm } from './form-body.ts'
import { readParts } from './read-parts.ts'

/** Leaves in `req.body` what the same request in JSON would have left there, its pictures as bytes. */
export function readFormBody(
  schema: z.ZodType,
  config: Pick<ApiConfig, 'maxBodyBytes' | 'maxFormBytes'>,
): RequestHandler {
  const maxBytes = Math.min(config.maxBodyBytes, config.maxFormBytes)
  return async (req, res, next) => {
    const malformed = (problem: string) => sendReply(res, refuse('BadParamsException', `the body ${problem}`))
    const read = await readParts(req, { maxBytes, digests: isKeyed(req) })
    switch (read.outcome) {
      case 'aborted':
        return
      case 'too-large':
        return sendReply(res, refuse('BodyTooLarge', 'the body is too large'))
      case 'malformed':
        return malformed(read.problem)
      case 'read': {
        if (isKeyed(req)) digestForm(req, read.parts)
        const form = bodyOfForm(schema, read.parts)
        if (form.outcome === 'malformed') return malformed(form.problem)
        req.body = form.body
        next()
      }
    }
  }
}
