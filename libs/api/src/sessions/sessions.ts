import { createHmac, randomBytes } from 'node:crypto'
import { newCursorKey, type Waiting } from '@semblance/core'
import type { ApiDeps } from '../api-deps.ts'
import { keyIdOf } from '../middleware/api-keys.ts'
import { EndedSessions } from './ended-sessions.ts'
import {
  beginSession,
  isSame,
  openSession,
  renewedSession,
  type Session,
  sealSession,
  writeTokenOf,
} from './session-token.ts'

const SESSION_COOKIE = 'semblance_session'

type Deps = Pick<ApiDeps, 'galleryOf' | 'idempotency' | 'clock' | 'newId' | 'config'>

/** A session whose cookie is right, and which nobody has ended. */
export interface OpenSession extends Session {
  readonly writeToken: string
}

/**
 * Sign-ins of pages: a cookie stands for an API key. It is signed and not stored, so every gateway can read it: the secret
 * is made of the API key and of the secret of the installation that seals cursors, which all gateways share. Whoever takes an API key
 * out of the settings ends all of its sessions with it. `EndedSessions` has those that signed out.
 */
export class Sessions {
  readonly #deps: Deps
  readonly #ended: EndedSessions
  readonly #keys: ReadonlyMap<string, string>
  #secrets: Promise<ReadonlyMap<string, string>> | null = null

  constructor(deps: Deps) {
    this.#deps = deps
    const { idempotency: store, clock, newId, config } = deps
    this.#ended = new EndedSessions({ store, clock, newId })
    this.#keys = new Map(config.apiKeys.map((key) => [keyIdOf(key), key]))
  }

  async begin(keyId: string): Promise<OpenSession> {
    const secrets = await this.#readSecrets()
    // Not an id of the kind that is told and listed: nobody may guess it.
    const session = beginSession(randomBytes(18).toString('base64url'), keyId, this.#deps.clock.now())
    return { ...session, writeToken: writeTokenOf(session, secrets.get(keyId) ?? '') }
  }

  /** Null if there is no session, it is over, or it was ended. Throws E_STORE_UNAVAILABLE. */
  async read(token: string | null, waiting?: Waiting): Promise<OpenSession | null> {
    if (token === null || this.#keys.size === 0) return null
    const secrets = await this.#readSecrets()
    const session = openSession(token, (keyId) => secrets.get(keyId) ?? null, this.#deps.clock.now())
    if (session === null || (await this.#ended.has(session, waiting))) return null
    return { ...session, writeToken: writeTokenOf(session, secrets.get(session.keyId) ?? '') }
  }

  end(session: Session, waiting?: Waiting): Promise<void> {
    return this.#ended.add(session, waiting)
  }

  /** The header that gives the cookie. */
  async cookieOf(session: Session, isSecure: boolean): Promise<string> {
    const secret = (await this.#readSecrets()).get(session.keyId) ?? ''
    const seconds = Math.max(0, Math.ceil((session.expiresAt - this.#deps.clock.now()) / 1000))
    return cookie(sealSession(session, secret), seconds, isSecure)
  }

  /** The session that is to take the place of one that is due to be given anew; null while it is not. */
  renewed(session: Session): Session | null {
    return renewedSession(session, this.#deps.clock.now())
  }

  /** Whether nobody has ended it, it is not over, and not due to be given anew. Throws E_STORE_UNAVAILABLE. */
  async goesOn(session: Session, waiting?: Waiting): Promise<boolean> {
    const isOver = this.#deps.clock.now() >= session.expiresAt
    return !isOver && this.renewed(session) === null && !(await this.#ended.has(session, waiting))
  }

  #readSecrets(): Promise<ReadonlyMap<string, string>> {
    this.#secrets ??= this.#makeSecrets()
    // A store that was away may be back the next time.
    this.#secrets.catch(() => {
      this.#secrets = null
    })
    return this.#secrets
  }

  async #makeSecrets(): Promise<ReadonlyMap<string, string>> {
    const { settings } = this.#deps.galleryOf({}).records
    const own = await settings.claimCursorKey(newCursorKey())
    const secretOf = (key: string) =>
      createHmac('sha256', own).update(`semblance sessions ${key}`).digest('base64')
    return new Map([...this.#keys].map(([keyId, key]) => [keyId, secretOf(key)]))
  }
}

/** Takes the cookie away. */
export function noCookie(isSecure: boolean): string {
  return cookie('', 0, isSecure)
}

export function isWriteToken(given: string | null, { writeToken }: OpenSession): boolean {
  return given !== null && isSame(given, writeToken)
}

/** The value of the session's cookie in a `Cookie` header; null if there is none, or more than one. */
export function sessionTokenIn(header: string | undefined): string | null {
  const values = (header ?? '').split(';').flatMap((part) => {
    const at = part.indexOf('=')
    return part.slice(0, at).trim() === SESSION_COOKIE ? [part.slice(at + 1).trim()] : []
  })
  return values.length === 1 ? (values[0] ?? null) : null
}

/** Not for scripts, not with requests from other sites, and over HTTPS not in the clear. */
function cookie(value: string, seconds: number, isSecure: boolean): string {
  const secure = isSecure ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}
