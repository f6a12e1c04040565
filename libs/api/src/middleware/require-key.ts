import type { Request, RequestHandler, Response } from 'express'
import type { ApiConfig } from '../api-deps.ts'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { sendReply } from '../endpoint/send-reply.ts'
import { isWriteToken, type Sessions } from '../sessions/sessions.ts'
import { digest, isAmong, keyIdOf } from './api-keys.ts'
import { scopeOf } from './request-scope.ts'

type Keys = Pick<ApiConfig, 'apiKeys' | 'descriptorKeys'>

const WRITE_TOKEN = 'x-semblance-write-token'
/** What they answer, a page of another origin cannot read; everything else may change something. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Lets requests with one of the keys through, or with the cookie of a session, and tells who calls; with no keys
 * configured, lets all through. A key in a header goes before a cookie.
 * @param sessions left out: a cookie counts for nothing
 */
export function requireKey({ apiKeys, descriptorKeys }: Keys, sessions?: Sessions): RequestHandler {
  const digests = apiKeys.map(digest)
  const forDescriptors = descriptorKeys.map(digest)
  const descriptorIds = new Set(descriptorKeys.map(keyIdOf))
  return (req, res, next) => {
    if (digests.length === 0) return next()
    const key = presentedKey(req)
    if (isAmong(key, digests)) {
      scopeOf(res).caller = { keyId: keyIdOf(key), mayHaveDescriptors: isAmong(key, forDescriptors) }
      return next()
    }
    if (key !== '' || sessions === undefined || scopeOf(res).sessionToken === null) return refuseCaller(res)
    return enterBySession({ req, res, sessions, descriptorIds }).then((isIn) => (isIn ? next() : undefined))
  }
}

interface Entering {
  readonly req: Request
  readonly res: Response
  readonly sessions: Sessions
  readonly descriptorIds: ReadonlySet<string>
}

/** False: the answer is given. */
async function enterBySession({ req, res, sessions, descriptorIds }: Entering): Promise<boolean> {
  const scope = scopeOf(res)
  const session = await sessions.read(scope.sessionToken, scope)
  if (session === null) {
    refuseCaller(res)
    return false
  }
  if (!READS.has(req.method) && !isWriteToken(req.get(WRITE_TOKEN) ?? null, session)) {
    const msg = 'a call under the cookie of a session that is not a GET needs its X-Semblance-Write-Token'
    sendReply(res, refuse('WriteTokenRefused', msg))
    return false
  }
  const renewed = sessions.renewed(session)
  if (renewed !== null) res.setHeader('Set-Cookie', await sessions.cookieOf(renewed, scope.isSecure))
  const current = renewed ?? session
  scope.session = { goesOn: (waiting) => sessions.goesOn(current, waiting) }
  scope.caller = { keyId: session.keyId, mayHaveDescriptors: descriptorIds.has(session.keyId) }
  return true
}

function refuseCaller(res: Response): void {
  res.setHeader('WWW-Authenticate', 'Bearer realm="semblance"')
  sendReply(
    res,
    refuse('Unauthorized', 'the call needs an API key, in X-API-Key or as Authorization: Bearer'),
  )
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
