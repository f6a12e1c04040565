/**
 * Ways to wait that end. What is given up here may go on unseen: whoever can stop the work gives it the same signal.
 */

/** What `work` comes to; rejects with the signal's reason if that aborts first, whether or not the work heeds it. */
export async function orAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

export interface TimeLimit {
  readonly limitMs: number
  /** Makes the fault once the time is over. */
  readonly late: () => unknown
}

/** What `work` comes to; rejects with `late` once `limitMs` are over. */
export async function withinTime<T>(work: Promise<T>, { limitMs, late }: TimeLimit): Promise<T> {
  const over = Promise.withResolvers<never>()
  const timer = setTimeout(() => over.reject(late()), limitMs)
  try {
    return await Promise.race([work, over.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Waits for a turn that others give. `join` puts `begin` where they find it, and answers how to take it away again. An
 * aborted signal takes it away at once, so that nobody gives a turn to one who has left, and rejects with its reason.
 */
export function untilTurn(
  join: (begin: () => void) => () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (signal?.aborted === true) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    let hasBegun = false
    let takeAway = () => {}
    const leave = () => {
      takeAway()
      reject(signal?.reason)
    }
    const begin = () => {
      hasBegun = true
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    takeAway = join(begin)
    if (!hasBegun) signal?.addEventListener('abort', leave, { once: true })
  })
}

/** Made once: a reason of its own for each is dear, since it notes where it was made. */
const FIRST_CAME = new Error('another wait was over first')

/** Resolves with the first of several waits; the signal they were begun with lets the others end then, too. */
export async function untilFirst(
  begin: (over: AbortSignal) => readonly Promise<unknown>[],
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  try {
    await Promise.race(begin(AbortSignal.any([signal, over.signal])))
  } finally {
    over.abort(FIRST_CAME)
  }
}
