import type { IncomingMessage } from 'node:http'
import { longTurns } from '@semblance/core'
import type { RequestHandler } from 'express'
import type { z } from 'zod'
import type { BodyIntake } from '../bodies/body-intake.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { digestForm, isKeyed } from '../idempotency/idempotency-key.ts'
import { bodyOfForm } from './form-body.ts'
import { FormReader } from './form-reader.ts'

export function isForm({ headers }: IncomingMessage): boolean {
  return /^\s*multipart\/form-data\s*(;|$)/i.test(headers['content-type'] ?? '')
}

/** Leaves in `req.body` what the same request in JSON would have left there, its pictures as bytes. */
export function readFormBody(schema: z.ZodType, intake: BodyIntake, maxBytes: number): RequestHandler {
  return async (req, res, next) => {
    const reader = new FormReader({
      contentType: req.headers['content-type'] ?? '',
      maxBytes: Math.min(Number(req.headers['content-length'] ?? maxBytes), maxBytes),
      digests: isKeyed(req),
    })
    const take = (chunk: Buffer) => {
      const refusal = reader.push(chunk)
      return refusal === null ? null : malformed(refusal.problem)
    }
    if (!(await intake.receive(req, res, { maxBytes, take, heldBytes: () => reader.heldBytes }))) return
    const read = await reader.end()
    if (read.outcome === 'malformed') return sendReply(res, malformed(read.problem))
    if (isKeyed(req)) digestForm(req, read.parts)
    await longTurns.next()
    const form = bodyOfForm(schema, read.parts)
    if (form.outcome === 'malformed') return sendReply(res, malformed(form.problem))
    req.body = form.body
    next()
  }
}

function malformed(problem: string): Reply {
  return refuse('BadParamsException', `the body ${problem}`)
}
