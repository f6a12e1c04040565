import type { IdempotencyStore } from '../ports/idempotency-store.ts'

/** The promise to callers: the same key gets the same answer for this long. */
export const REPLY_LIFETIME_MS = 24 * 3_600_000
/** Small enough to keep no other write waiting; a full batch is followed by the next at once. */
const BATCH = 200

export interface ReplyKeeper {
  /** Resolves when the pass at work has ended. */
  stop(): Promise<void>
}

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
): ReplyKeeper {
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: NodeJS.Timeout | undefined
  let pass: Promise<void> = Promise.resolve()

  const runPass = async () => {
    try {
      await forgetOldReplies(store, { signal })
    } catch (fault) {
      if (!signal.aborted) options.onFault(fault)
    }
    schedule()
  }
  const schedule = () => {
    if (signal.aborted) return
    timer = setTimeout(() => {
      pass = runPass()
    }, options.everyMs)
    timer.unref()
  }
  schedule()
  return {
    stop: async () => {
      stopping.abort(new Error('the process is stopping'))
      clearTimeout(timer)
      await pass
    },
  }
}
