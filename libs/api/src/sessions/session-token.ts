import { createHmac, timingSafeEqual } from 'node:crypto'

/** One sign-in, as its cookie holds it. Whoever reads the cookie learns the id of the key, and not the key. */
export interface Session {
  readonly id: string
  /** Which API key it stands for; see `keyIdOf`. */
  readonly keyId: string
  /** Milliseconds since the Unix epoch. */
  readonly signedInAt: number
  readonly issuedAt: number
  readonly expiresAt: number
}

/** A page that nobody uses is signed out after this. */
const IDLE_MS = 30 * 60_000
/** Whoever goes on is asked for the key once a day of work. */
const LONGEST_MS = 12 * 3_600_000
/** A cookie is given anew after this, so that one in use does not end, and an old copy does. */
const RENEW_MS = 5 * 60_000

export function beginSession(id: string, keyId: string, now: number): Session {
  return { id, keyId, signedInAt: now, issuedAt: now, expiresAt: now + IDLE_MS }
}

/** The same session for another half an hour, at most until its end; null while that is not due. */
export function renewedSession(session: Session, now: number): Session | null {
  if (now - session.issuedAt < RENEW_MS) return null
  const expiresAt = Math.min(now + IDLE_MS, session.signedInAt + LONGEST_MS)
  return expiresAt <= session.expiresAt ? null : { ...session, issuedAt: now, expiresAt }
}

/** `PAYLOAD.SIGNATURE`, both in characters that a cookie may have. */
export function sealSession(session: Session, secret: string): string {
  const { id, keyId, signedInAt, issuedAt, expiresAt } = session
  const payload = Buffer.from(JSON.stringify([id, keyId, signedInAt, issuedAt, expiresAt])).toString(
    'base64url',
  )
  return `${payload}.${signatureOf('session', payload, secret)}`
}

/**
 * Null for whatever was not sealed with this secret, or is over.
 * @param secretOf the secret by which sessions of that key are sealed; null: there is no such key
 */
export function openSession(
  token: string,
  secretOf: (keyId: string) => string | null,
  now: number,
): Session | null {
  const [payload = '', signature = '', ...more] = token.split('.')
  const session = more.length > 0 ? null : readPayload(payload)
  if (session === null) return null
  const secret = secretOf(session.keyId)
  if (secret === null || !isSame(signature, signatureOf('session', payload, secret))) return null
  return now < session.expiresAt && now < session.signedInAt + LONGEST_MS ? session : null
}

/** What a write under this session has to bring in a header: no page of another origin can know it. */
export function writeTokenOf({ id }: Session, secret: string): string {
  return signatureOf('write', id, secret)
}

/** Takes the same time wherever they differ. */
export function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** The purpose is signed along: what was signed for one cannot be used for the other. */
function signatureOf(purpose: string, text: string, secret: string): string {
  return createHmac('sha256', secret).update(`semblance ${purpose} ${text}`).digest('base64url')
}

function readPayload(payload: string): Session | null {
  try {
    const read: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    if (!Array.isArray(read) || read.length !== 5) return null
    const [id, keyId, ...times] = read as readonly unknown[]
    if (typeof id !== 'string' || typeof keyId !== 'string' || !times.every(Number.isFinite)) return null
    const [signedInAt, issuedAt, expiresAt] = times as [number, number, number]
    return { id, keyId, signedInAt, issuedAt, expiresAt }
  } catch {
    return null
  }
}
