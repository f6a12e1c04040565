import { turns } from '@semblance/core'
import type { Response } from 'express'
import { scopeOf } from '../middleware/request-scope.ts'
import { JsonContents, slicesOf } from './json-contents.ts'
import { problemTypeOf, type Reply, type ReplyBody, refuse } from './reply.ts'
import { cutOff, type StreamBody, sendStream } from './send-stream.ts'

/** What Express sends for JSON. */
const JSON_TYPE = 'application/json; charset=utf-8'
/** Smaller answers are not counted: the system's own buffers take them. */
export const COUNTED_FROM_BYTES = 16_384
/** Written at once; the next when the connection has taken them. */
const SLICE_BYTES = 262_144
/** The time for one slice: whoever takes it no faster has gone. */
const SLICE_DEADLINE_MS = 60_000

/**
 * Writes a reply, unless one is on its way or the caller is gone; 503 instead if there is no room for it. Throws what the `enter`
 * of a stream does; nothing is sent then.
 */
export function sendReply(res: Response, reply: Reply): void {
  if (res.headersSent || res.destroyed) return
  if (reply.body.kind === 'stream') {
    if (res.req.method !== 'HEAD') reply.body.parts.enter?.((reason) => cutOff(res, reason))
    void sendStream(res, { ...reply, body: reply.body })
    return
  }
  const content = contentOf(reply.body)
  const hasRoom = content === null || !content.isCounted || scopeOf(res).answer.ensure(content.byteLength)
  if (hasRoom) write(res, reply, content)
  else sendReply(res, noRoom())
}

/** What a reply is made of, in slices. */
interface Content {
  readonly contentType: string
  readonly byteLength: number
  readonly isCounted: boolean
  slices(): Iterable<Uint8Array>
}

function contentOf(body: Exclude<ReplyBody, StreamBody>): Content | null {
  if (body.kind === 'none') return null
  if (body.kind === 'json') {
    const json = new JsonContents(body.value, body.contents)
    const { byteLength } = json
    const isCounted = byteLength >= COUNTED_FROM_BYTES
    return { contentType: JSON_TYPE, byteLength, isCounted, slices: () => json.slices() }
  }
  const { contentType, bytes, isShared = false } = body
  const { byteLength } = bytes
  const isCounted = byteLength >= COUNTED_FROM_BYTES && !isShared
  return { contentType, byteLength, isCounted, slices: () => slicesOf(bytes, SLICE_BYTES) }
}

function write(res: Response, reply: Reply, content: Content | null): void {
  scopeOf(res).problem = problemTypeOf(reply)
  res.status(reply.status)
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
  if (content === null) {
    res.end()
    return
  }
  scopeOf(res).answer.begin()
  res.setHeader('Content-Type', content.contentType)
  res.setHeader('Content-Length', content.byteLength)
  const [first = new Uint8Array(), ...more] = content.byteLength > SLICE_BYTES ? [] : content.slices()
  if (res.req.method === 'HEAD') res.end()
  else if (content.byteLength > SLICE_BYTES) void writeSlices(res, content.slices())
  else res.end(more.length === 0 ? first : Buffer.concat([first, ...more]))
}

/** This never fails: what cannot be written any more has nobody to be told. */
async function writeSlices(res: Response, slices: Iterable<Uint8Array>): Promise<void> {
  for (const slice of slices) {
    if (res.destroyed) return
    const late = setTimeout(() => res.destroy(), SLICE_DEADLINE_MS)
    await new Promise<void>((resolve) => res.write(slice, () => resolve()))
    clearTimeout(late)
    scopeOf(res).answer.move(slice.byteLength)
    await turns.next()
  }
  res.end()
}

function noRoom(): Reply {
  const reply = refuse('E_OVERLOADED', 'too many answers are waiting to be taken; try again later')
  return { ...reply, headers: { 'Retry-After': '1' } }
}
