import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock, IdempotencyStore, NewId, Waiting } from '@semblance/core'
import type { Session } from './session-token.ts'

/** For so long a process goes by what it was told last of a session: another one's sign-out is heard within this. */
const KNOWN_MS = 5_000
/** Whoever only looks gives the claim back at once; should it die in between, others look again after this. */
const LOOK_LEASE_MS = 200
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
    const { store, clock, newId } = this.#deps
    const known = this.#known.get(session.id)
    if (known !== undefined && clock.monotonic() < known.until) return known.isEnded
    const claim = this.#claimOf(session)
    const looked = await store.claim({ ...claim, seed: newId(), leaseMs: LOOK_LEASE_MS }, waiting)
    const isEnded = looked.outcome === 'done'
    // Left to its lease if this fails: only looks wait for it.
    if (looked.outcome === 'begun') await store.release(claim).catch(() => {})
    this.#note(session, isEnded)
    return isEnded
  }

  /** Durable once this resolves. */
  async add(session: Session, waiting?: Waiting): Promise<void> {
    const { store, newId } = this.#deps
    const claim = this.#claimOf(session)
    for (;;) {
      const begun = await store.claim({ ...claim, seed: newId(), leaseMs: LOOK_LEASE_MS }, waiting)
      const isOver = begun.outcome === 'done' || begun.outcome === 'mismatch'
      if (isOver || (begun.outcome === 'begun' && (await store.complete(claim, null)))) break
      await sleep(LOOK_LEASE_MS / 4, undefined, waiting)
    }
    this.#note(session, true)
  }

  #claimOf({ id }: Session) {
    const key = createHash('sha256').update(`semblance session ${id}`).digest('hex')
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
