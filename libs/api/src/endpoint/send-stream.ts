import type { Response } from 'express'
import { scopeOf } from '../middleware/request-scope.ts'
import type { Reply, ReplyBody } from './reply.ts'

export type StreamBody = Extract<ReplyBody, { readonly kind: 'stream' }>

/** The time for one part: whoever takes it no faster has gone. */
const PART_DEADLINE_MS = 60_000

/** Writes an answer while it is made. Never fails: a fault on the way can only be told by cutting the answer off. */
export async function sendStream(res: Response, reply: Reply & { readonly body: StreamBody }): Promise<void> {
  const { contentType, parts } = reply.body
  res.status(reply.status)
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
  res.setHeader('Content-Type', contentType)
  if (res.req.method === 'HEAD') {
    res.end()
    return
  }
  res.flushHeaders()
  try {
    for await (const part of parts) {
      if (res.destroyed) return
      await writePart(res, part)
    }
    res.end()
  } catch (fault) {
    cutOff(res, fault)
  }
}

/** Ends the connection in the middle of an answer, which nobody can take for a whole one then. */
export function cutOff(res: Response, reason: unknown): void {
  if (!res.destroyed) scopeOf(res).logger.warn({ err: reason }, 'an answer was cut off')
  res.destroy()
}

async function writePart(res: Response, part: string | Uint8Array): Promise<void> {
  const late = setTimeout(() => res.destroy(), PART_DEADLINE_MS)
  await new Promise<void>((resolve) => res.write(part, () => resolve()))
  clearTimeout(late)
}
