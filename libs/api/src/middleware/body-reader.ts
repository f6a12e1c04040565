import type { Request, RequestHandler } from 'express'
import type { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { BodyIntake } from '../bodies/body-intake.ts'
import { refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { readJsonBody } from '../json-body/read-json-body.ts'
import { takesPictures } from '../multipart/form-body.ts'
import { isForm, readFormBody } from '../multipart/read-form-body.ts'

/** Reads a body within limits of size, time, depth and memory: JSON, and forms for schemas that take pictures. */
export function openBodyReader(config: ApiConfig): (schema: z.ZodType) => readonly RequestHandler[] {
  const intake = new BodyIntake(config)
  return (schema) => {
    const readJson = readJsonBody(schema, intake, config.maxBodyBytes)
    if (!takesPictures(schema)) return [checkMediaType('application/json'), readJson]
    const readForm = readFormBody(schema, intake, Math.min(config.maxBodyBytes, config.maxFormBytes))
    const read: RequestHandler = (req, res, next) => (isForm(req) ? readForm : readJson)(req, res, next)
    return [checkMediaType('application/json or multipart/form-data'), read]
  }
}

type MediaTypes = 'application/json' | 'application/json or multipart/form-data'

function checkMediaType(allowed: MediaTypes): RequestHandler {
  return (req, res, next) => {
    const msg = mediaProblem(req, allowed)
    if (msg === null) return next()
    sendReply(res, refuse('UnsupportedMediaType', msg))
  }
}

/** A body without a type counts as JSON; one with another type may come from a form on a stranger's page. */
function mediaProblem(req: Request, allowed: MediaTypes): string | null {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = req.headers
  const [essence = '', ...parameters] = type.toLowerCase().split(';')
  const isJson = /^\s*(application\/([\w.+-]+\+)?json)?\s*$/.test(essence)
  const isAllowedForm = allowed !== 'application/json' && isForm(req)
  if (!isJson && !isAllowedForm) return `the body must be ${allowed}`
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([\w-]+)/.exec(parameter)?.[1])
    .find(Boolean)
  if (!isUtf8Name(charset)) return 'the body must be UTF-8'
  return encoding.toLowerCase() === 'identity' ? null : 'compressed bodies are not supported'
}

/** ASCII is UTF-8, too. */
function isUtf8Name(charset: string | undefined): boolean {
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii'
}
