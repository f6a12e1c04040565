import { createHash, randomBytes } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { IdempotencyStore, NewId, PersonId, Waiting } from '@semblance/core'

/** Whoever makes a selection is the only one who knows its id, so nobody is waited for. */
const LEASE_MS = 5_000
/** Of its id: nobody guesses it. */
const ID_BYTES = 18

interface Deps {
  readonly idempotency: IdempotencyStore
  readonly newId: NewId
}

/**
 * Persons that somebody has selected, kept for a day under an id. A page needs one for an export of them: the browser takes
 * a file of any size by a link, and a link holds no ten thousand ids. The id gives no right: whoever follows the link needs
 * a key or a session as for any call. A selection is made once, remembered for a day and then forgotten, in both shapes;
 * that is what the store of idempotent answers does.
 */
export class KeptSelections {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Durable once this resolves to its id. Takes no signal: see `IdempotencyStore.claim`. */
  async keep(personIds: readonly PersonId[]): Promise<string> {
    const { idempotency: store, newId } = this.#deps
    const id = randomBytes(ID_BYTES).toString('base64url')
    const claim = { key: keyOf(id), holder: newId() }
    await store.claim({ ...claim, fingerprint: claim.key, seed: newId(), leaseMs: LEASE_MS })
    const body = new Uint8Array(gzipSync(JSON.stringify(personIds)))
    const kept = { status: 201, headers: {}, contentType: 'application/json', encoding: 'gzip', body }
    await store.complete(claim, kept)
    return id
  }

  /** Null if there is none of that id, or it is forgotten. */
  async read(id: string, waiting?: Waiting): Promise<readonly PersonId[] | null> {
    const { idempotency: store, newId } = this.#deps
    const key = keyOf(id)
    // A claim of what is not there would make it.
    if (!(await store.isDone(key, waiting))) return null
    const claim = { key, fingerprint: key, holder: newId(), seed: newId(), leaseMs: LEASE_MS }
    const found = await store.claim(claim, waiting)
    if (found.outcome !== 'done' || found.reply === null) return null
    return JSON.parse(gunzipSync(found.reply.body).toString('utf8')) as readonly PersonId[]
  }
}

function keyOf(id: string): string {
  return createHash('sha256').update(`semblance selection ${id}`).digest('hex')
}
