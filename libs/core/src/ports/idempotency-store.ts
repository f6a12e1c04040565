import type { Waiting } from './waiting.ts'

/**
 * What was answered to requests that carry an `Idempotency-Key`, so that the same request sent again has no second
 * effect and gets the same answer. A claim is durable before its request has any effect; leases and ages are judged by
 * the store's own clock. Each call is one atomic step on one record. A failing store throws E_STORE_UNAVAILABLE.
 */
export interface IdempotencyStore {
  /**
   * The right to carry a request out: to one caller at a time. A claim whose lease ran out (its process died, or slept)
   * or that was released goes to the next caller, with the seed that the first one brought. A holder that asks again,
   * because the answer was lost on its way, is given its claim again.
   */
  claim(request: ClaimRequest, waiting?: Waiting): Promise<ClaimOutcome>
  /** Whether the request of this key was carried out. It reads, and claims nothing. */
  isDone(key: string, waiting?: Waiting): Promise<boolean>
  /** A lease of `leaseMs` from now on; false if the claim is no longer this holder's. */
  extend(claim: HeldClaim, leaseMs: number, waiting?: Waiting): Promise<boolean>
  /** Another seed for a claim whose own can have no effect any more; false if it is no longer this holder's. */
  reseed(claim: HeldClaim, seed: string, waiting?: Waiting): Promise<boolean>
  /**
   * Remembers the answer; null: done, but the answer is too large to keep. False, and nothing is written, if the claim
   * is no longer this holder's: whoever has it gives the answer.
   */
  complete(claim: HeldClaim, reply: StoredReply | null, waiting?: Waiting): Promise<boolean>
  /** Lets the next caller in at once, who gets the same seed. Without effect if the claim is not this holder's. */
  release(claim: HeldClaim, waiting?: Waiting): Promise<void>
  /** Removes at most `limit` records, finished or not, that nobody wrote to for `untouchedMs`; answers how many. */
  forget(old: { readonly untouchedMs: number; readonly limit: number }, waiting?: Waiting): Promise<number>
}

/** `holder`: an id of this very run, so that one that lost its claim can be told from the one that has it now. */
export interface HeldClaim {
  readonly key: string
  readonly holder: string
}

export interface ClaimRequest extends HeldClaim {
  /** Digest of everything in the request that decides its effect; a key belongs to one request. */
  readonly fingerprint: string
  /** A fresh UUIDv7: every id that the request makes comes from the seed of its first claim. */
  readonly seed: string
  readonly leaseMs: number
}

export type ClaimOutcome =
  /** This caller is to carry it out. `ageMs`: since the seed was first written. */
  | { readonly outcome: 'begun'; readonly seed: string; readonly ageMs: number }
  /** Somebody else is at it. */
  | { readonly outcome: 'running' }
  /** Carried out; `reply` is null if it was too large to keep. */
  | { readonly outcome: 'done'; readonly seed: string; readonly reply: StoredReply | null }
  /** The key belongs to another request. */
  | { readonly outcome: 'mismatch' }

/** An answer at rest. */
export interface StoredReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Null: no body. */
  readonly contentType: string | null
  /** How `body` is packed, for instance `gzip`; the store does not look into it. */
  readonly encoding: string
  readonly body: Uint8Array
}
