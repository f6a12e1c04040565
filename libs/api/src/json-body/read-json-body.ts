import { longTurns } from '@semblance/core'
import type { Request, RequestHandler } from 'express'
import type { z } from 'zod'
import type { BodyIntake } from '../bodies/body-intake.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { digestChunk } from '../idempotency/idempotency-key.ts'
import { type JsonBody, JsonBodyReader } from './json-body-reader.ts'
import { pictureFieldsOf } from './picture-fields.ts'

/** Texts up to this size are parsed in a millisecond. */
const SHORT_TEXT_BYTES = 4_096

/** Leaves the body in `req.body`, its pictures as bytes; undefined if there is none. */
export function readJsonBody(schema: z.ZodType, intake: BodyIntake, maxBytes: number): RequestHandler {
  const fields = pictureFieldsOf(schema)
  return async (req, res, next) => {
    const announced = req.headers['content-length']
    let reader: JsonBodyReader | null = null
    const textBytes = () => reader?.textBytes ?? 0
    const take = (chunk: Buffer) => {
      digestChunk(req, chunk)
      // Not before there is room for it.
      reader ??= new JsonBodyReader(fields, Number(announced ?? maxBytes), announced !== undefined)
      const refusal = reader.push(chunk)
      return refusal === null ? null : replyTo(refusal)
    }
    if (!(await intake.receive(req, res, { maxBytes, take, heldBytes: () => reader?.heldBytes ?? 0 }))) return
    if (textBytes() > SHORT_TEXT_BYTES) await longTurns.next()
    if (hasBody(req)) {
      const body = bodyOf(reader)
      if (body.outcome !== 'read') return sendReply(res, replyTo(body))
      req.body = body.value
    }
    // What follows looks at each field; that is a turn of its own.
    if (textBytes() > SHORT_TEXT_BYTES) await longTurns.next()
    next()
  }
}

/** A body without a byte counts as an object without a field. */
function bodyOf(reader: JsonBodyReader | null): JsonBody {
  return reader === null ? { outcome: 'read', value: {} } : reader.end()
}

function replyTo({ outcome, problem }: Exclude<JsonBody, { outcome: 'read' }>): Reply {
  return refuse(outcome === 'too-large' ? 'BodyTooLarge' : 'BadParamsException', `the body ${problem}`)
}

function hasBody({ headers }: Request): boolean {
  return headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
}
