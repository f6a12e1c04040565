import { createHash, type Hash } from 'node:crypto'
import type { Request } from 'express'
import type { Caller, Endpoint } from '../endpoint/endpoint.ts'
import { presentedKey } from '../middleware/require-key.ts'
import type { FormPart } from '../multipart/form-reader.ts'

const HEADER = 'idempotency-key'
const WELL_FORMED = /^[\x20-\x7e]{1,255}$/

export type KeyedRequest =
  | { readonly outcome: 'none' }
  | { readonly outcome: 'malformed' }
  | { readonly outcome: 'keyed'; readonly ticket: Ticket }

/** Digests: neither an API key nor the caller's own key is stored. */
export interface Ticket {
  /** A digest of the caller, the route and the key: callers do not see each other's answers. */
  readonly key: string
  /** A digest of everything that decides the effect; the same key with another one is refused. */
  readonly fingerprint: string
}

/**
 * Whether a call may come with a key. A POST sent again makes another thing, and a DELETE sent again finds nothing, or
 * other persons than were counted; GET and PUT may be repeated as they are, and so may rows that are streamed.
 */
export function takesIdempotencyKey({ method, streamed }: Pick<Endpoint, 'method' | 'streamed'>): boolean {
  return (method === 'post' || method === 'delete') && streamed === undefined
}

const digests = new WeakMap<Request, Hash>()

/** Digests the body while it comes in, piece by piece: 20 MB at once would hold up everybody. A form is digested otherwise. */
export function digestChunk(req: Request, chunk: Buffer): void {
  if (!isKeyed(req)) return
  const hash = digests.get(req) ?? createHash('sha256')
  digests.set(req, hash)
  hash.update(chunk)
}

export function isKeyed(req: Request): boolean {
  return req.headers[HEADER] !== undefined
}

/** Digests the parts in place of a form's bytes, whose boundary is another one each time that a client sends it. */
export function digestForm(req: Request, parts: readonly Pick<FormPart, 'name' | 'digest'>[]): void {
  const listed = parts.map(({ name, digest }) => [name, digest])
  digests.set(req, createHash('sha256').update(JSON.stringify(listed)))
}

/** Reads the key. It is called once, after the body was read. */
export function readIdempotencyKey(req: Request, caller: Caller): KeyedRequest {
  const values = req.headersDistinct[HEADER] ?? []
  if (values.length === 0) return { outcome: 'none' }
  const [value = ''] = values
  if (values.length > 1 || !WELL_FORMED.test(value)) return { outcome: 'malformed' }
  // The key itself, not its id: records that are stored already were named by it.
  const callersKey = caller.keyId === null ? '' : presentedKey(req) || `session of ${caller.keyId}`
  const body = digests.get(req)?.digest('hex') ?? ''
  const key = sha256([callersKey, req.method, req.path, value])
  return { outcome: 'keyed', ticket: { key, fingerprint: sha256([req.method, req.url, body]) } }
}

function sha256(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}
