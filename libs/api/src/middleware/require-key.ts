import { createHash, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler } from 'express'
import type { ApiConfig } from '../api-deps.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { scopeOf } from './request-scope.ts'

/** How many hex digits of a key's SHA-256 tell keys apart: two of them are alike by chance never. */
const ID_DIGITS = 16

type Keys = Pick<ApiConfig, 'apiKeys' | 'descriptorKeys'>

/** Lets requests with one of the keys through, and tells who calls; with no keys configured, lets all through. */
export function requireKey({ apiKeys, descriptorKeys }: Keys): RequestHandler {
  const digests = apiKeys.map(digest)
  const forDescriptors = descriptorKeys.map(digest)
  return (req, res, next) => {
    if (digests.length === 0) return next()
    const key = presentedKey(req)
    if (isAmong(key, digests)) {
      scopeOf(res).caller = { keyId: keyIdOf(key), mayHaveDescriptors: isAmong(key, forDescriptors) }
      return next()
    }
    res.setHeader('WWW-Authenticate', 'Bearer realm="semblance"')
    sendReply(
      res,
      refuse('Unauthorized', 'the call needs an API key, in X-API-Key or as Authorization: Bearer'),
    )
  }
}

/** What tells the key apart and gives it not away: the beginning of its SHA-256, in hex. */
export function keyIdOf(key: string): string {
  return digest(key).toString('hex').slice(0, ID_DIGITS)
}

/** The answer to a caller whose key has no right to descriptors. */
export function descriptorsNotAllowed(): Reply {
  return refuse(
    'DescriptorsNotAllowed',
    'this API key may not have descriptors; see SEMBLANCE_DESCRIPTOR_KEYS',
  )
}

/** The key that the request brings; empty if there is none. */
export function presentedKey(req: Request): string {
  const key = req.get('x-api-key')
  if (key !== undefined && key !== '') return key
  return /^Bearer\s+(\S+)\s*$/i.exec(req.get('authorization') ?? '')?.[1] ?? ''
}

/** Digests have one length, and every one is compared: the time tells nothing of a key. */
function isAmong(key: string, digests: readonly Buffer[]): boolean {
  const presented = digest(key)
  let isKnown = false
  for (const known of digests) isKnown = timingSafeEqual(known, presented) || isKnown
  return isKnown && key !== ''
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
