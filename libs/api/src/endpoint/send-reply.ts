import type { Response } from 'express'
import { scopeOf } from '../middleware/request-scope.ts'
import { problemTypeOf, type Reply } from './reply.ts'

/** Writes a reply, unless one is on its way or the caller is gone. */
export function sendReply(res: Response, reply: Reply): void {
  if (res.headersSent || res.destroyed) return
  scopeOf(res).problem = problemTypeOf(reply)
  res.status(reply.status)
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
  switch (reply.body.kind) {
    case 'none':
      res.end()
      return
    case 'json':
      res.json(reply.body.value)
      return
    case 'bytes': {
      const { contentType, bytes } = reply.body
      res.setHeader('Content-Type', contentType)
      res.setHeader('Content-Length', bytes.byteLength)
      res.end(bytes)
    }
  }
}
