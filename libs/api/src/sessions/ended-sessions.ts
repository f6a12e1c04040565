import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, IdempotencyStore, NewId, Waiting } from '@semblance/core'
import type { Session } from './session-token.ts'

/** For so long a process goes by what it was told last of a session: another one's sign-out is heard within this. */
const KNOWN_MS = 5_000
/** Who signs out at the same moment in another process is waited for at most so long, should that one die. */
const LEASE_MS = 200
/** Sessions that a process remembers: some 200 bytes each. */
const MOST_KNOWN = 10_000

interface Deps {
  readonly store: IdempotencyStore
  readonly clock: Clock
  readonly newId: NewId
}

/**
 * The sessions that were ended before their time. Sessions themselves are signed and stored nowhere, so any of a hundred
 * gateways reads them; but to end one, all must hear of it. A sign-out is a thing that is done once and remembered for a
 * day, twice as long as any session lives, and that is what the store of idempotent answers is: it is there in both shapes,
 * durable, and forgets by itself. It gets a digest of the session's id.
 */
export class EndedSessions {
  readonly #deps: Deps
  readonly #known = new Map<string, { readonly isEnded: boolean; readonly until: number }>()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Throws E_STORE_UNAVAILABLE: nobody can tell whether it was ended. */
  async has(session: Session, waiting?: Waiting): Promise<boolean> {
    const { store, clock } = this.#deps
    const known = this.#known.get(session.id)
    if (known !== undefined && clock.monotonic() < known.until) return known.isEnded
    const isEnded = await store.isDone(keyOf(session), waiting)
    this.#note(session, isEnded)
    return isEnded
  }

  /** Durable once this resolves. */
  async add(session: Session, waiting?: Waiting): Promise<void> {
    const { store, newId } = this.#deps
    const claim = this.#claimOf(session)
    for (;;) {
      const begun = await store.claim({ ...claim, seed: newId(), leaseMs: LEASE_MS }, waiting)
      const isOver = begun.outcome === 'done' || begun.outcome === 'mismatch'
      if (isOver || (begun.outcome === 'begun' && (await store.complete(claim, null)))) break
      await sleep(LEASE_MS / 4, undefined, waiting)
    }
    this.#note(session, true)
  }

  #claimOf(session: Session) {
    const key = keyOf(session)
    return { key, fingerprint: key, holder: this.#deps.newId() }
  }

  #note({ id }: Session, isEnded: boolean): void {
    this.#known.delete(id)
    for (const oldest of this.#known.keys()) {
      if (this.#known.size < MOST_KNOWN) break
      this.#known.delete(oldest)
    }
    this.#known.set(id, { isEnded, until: this.#deps.clock.monotonic() + KNOWN_MS })
  }
}

function keyOf({ id }: Session): string {
  return createHash('sha256').update(`semblance session ${id}`).digest('hex')
}
