import { isUtf8 } from 'node:buffer'
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express'
import type { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { readJson } from '../fields/read-json.ts'
import { takesPictures } from '../multipart/form-body.ts'
import { isForm } from '../multipart/is-form.ts'
import { readFormBody } from '../multipart/read-form-body.ts'
import { findShapeProblem } from './json-shape.ts'

/**
 * Reads a body within limits of size, time, depth and memory: JSON, and forms for schemas that take pictures. Faults go
 * to the error handler.
 */
export function openBodyReader(config: ApiConfig): (schema: z.ZodType) => readonly RequestHandler[] {
  const bound = boundReading(config)
  const readJson = parser(config)
  return (schema) => {
    if (!takesPictures(schema)) return [checkMediaType('application/json'), bound, readJson]
    const readForm = readFormBody(schema, config)
    const read: RequestHandler = (req, res, next) => (isForm(req) ? readForm : readJson)(req, res, next)
    return [checkMediaType('application/json or multipart/form-data'), bound, read]
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
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8' && charset !== 'us-ascii')
    return 'the body must be UTF-8'
  return encoding.toLowerCase() === 'identity' ? null : 'compressed bodies are not supported'
}

/** A slow body gets 408; all bodies at once are bounded, since each is held whole. */
function boundReading(config: ApiConfig): RequestHandler {
  let held = 0
  return (req, res, next) => {
    let received = 0
    const late = setTimeout(() => cut(req, res, tooSlow(config)), config.bodyTimeoutMs)
    req.on('data', (chunk: Buffer) => {
      // What comes after the limit is thrown away by the parser.
      if (received > config.maxBodyBytes) return
      received += chunk.byteLength
      held += chunk.byteLength
      if (held > config.maxBodiesBytes) cut(req, res, tooManyBodies())
    })
    req.once('end', () => clearTimeout(late))
    res.once('close', () => {
      clearTimeout(late)
      held -= received
    })
    next()
  }
}

function tooSlow(config: ApiConfig): Reply {
  return refuse('RequestTimeout', `the body took longer than ${config.bodyTimeoutMs / 1000} s`)
}

function tooManyBodies(): Reply {
  const reply = refuse('E_OVERLOADED', 'too many pictures are coming in at once; try again later')
  return { ...reply, headers: { 'Retry-After': '1' } }
}

/** Answers while the body is still coming, then closes the connection: the rest would be read as the next request. */
function cut(req: Request, res: Response, reply: Reply): void {
  if (res.headersSent) return
  res.once('finish', () => req.destroy())
  sendReply(res, { ...reply, headers: { ...reply.headers, Connection: 'close' } })
}

function parser(config: ApiConfig): RequestHandler {
  const read = express.raw({
    limit: config.maxBodyBytes,
    inflate: false,
    // Judged already.
    type: () => true,
    verify: (_req, _res, body) => {
      const problem = isUtf8(body) ? findShapeProblem(body) : 'is not UTF-8'
      if (problem !== null) throw Object.assign(new Error(problem), { status: 400, type: 'body.shape' })
    },
  })
  return (req, res, next) =>
    read(req, res, (error?: unknown) => {
      if (error === undefined) parseInto(req, next)
      else next(error)
    })
}

function parseInto(req: Request, next: NextFunction): void {
  try {
    if (Buffer.isBuffer(req.body)) req.body = readJson(TEXT.decode(req.body))
    next()
  } catch (error) {
    next(error)
  }
}

/** Passes over a byte order mark. */
const TEXT = new TextDecoder()
