import type { IdempotencyStore } from '../ports/idempotency-store.ts'
import { type RepeatedPass, repeatPass } from '../repeat-pass.ts'

/** The promise to callers: the same key gets the same answer for this long. */
export const REPLY_LIFETIME_MS = 24 * 3_600_000
/** Small enough to keep no other write waiting; a full batch is followed by the next at once. */
const BATCH = 200

/** Erases remembered answers once they are old. Safe to run in several processes at once. Answers how many went. */
export async function forgetOldReplies(
  store: Pick<IdempotencyStore, 'forget'>,
  waiting: { readonly signal?: AbortSignal | undefined } = {},
): Promise<number> {
  let forgotten = 0
  for (;;) {
    waiting.signal?.throwIfAborted()
    const count = await store.forget({ untouchedMs: REPLY_LIFETIME_MS, limit: BATCH }, waiting)
    forgotten += count
    if (count < BATCH) return forgotten
  }
}

/** Does so for as long as the process lives. A pass that fails is reported; the next one comes. */
export function startForgettingReplies(
  store: Pick<IdempotencyStore, 'forget'>,
  options: { readonly everyMs: number; readonly onFault: (fault: unknown) => void },
): RepeatedPass {
  return repeatPass((waiting) => forgetOldReplies(store, waiting), options)
}
