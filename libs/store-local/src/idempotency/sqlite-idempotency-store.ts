import type { ClaimRequest, HeldClaim, IdempotencyStore, StoredReply, Waiting } from '@semblance/core'
import type { StoreThread } from '../persons/store-thread.ts'

/** Remembered answers in the file of the person store, by the thread that has it open. */
export class SqliteIdempotencyStore implements IdempotencyStore {
  readonly #thread: StoreThread

  constructor(thread: StoreThread) {
    this.#thread = thread
  }

  claim(request: ClaimRequest, waiting?: Waiting) {
    const { key, holder, fingerprint, seed, leaseMs } = request
    return this.#thread.call('claimReply', [{ key, holder, fingerprint, seed, leaseMs }], waiting)
  }

  extend(claim: HeldClaim, leaseMs: number, waiting?: Waiting) {
    return this.#thread.call('extendReplyClaim', [heldOf(claim), leaseMs], waiting)
  }

  reseed(claim: HeldClaim, seed: string, waiting?: Waiting) {
    return this.#thread.call('reseedReplyClaim', [heldOf(claim), seed], waiting)
  }

  complete(claim: HeldClaim, reply: StoredReply | null, waiting?: Waiting) {
    // A view clones with the whole buffer behind it.
    const own = reply === null ? null : { ...reply, body: new Uint8Array(reply.body) }
    return this.#thread.call('completeReply', [heldOf(claim), own], waiting)
  }

  release(claim: HeldClaim, waiting?: Waiting) {
    return this.#thread.call('releaseReplyClaim', [heldOf(claim)], waiting)
  }

  forget(old: { readonly untouchedMs: number; readonly limit: number }, waiting?: Waiting) {
    const { untouchedMs, limit } = old
    return this.#thread.call('forgetReplies', [{ untouchedMs, limit }], waiting)
  }

  /** Right after the start of the only process that uses the file: whoever held a claim is dead. */
  endLeases(waiting?: Waiting): Promise<void> {
    return this.#thread.call('endReplyLeases', [], waiting)
  }
}

function heldOf({ key, holder }: HeldClaim): HeldClaim {
  return { key, holder }
}
