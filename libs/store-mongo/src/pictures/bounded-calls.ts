import { picturesUnavailable, type Waiting } from '@semblance/core'

/** Aborted for the call: its caller left, or its time is over. */
export type RunBounded = <T>(call: (signal: AbortSignal) => Promise<T>, waiting?: Waiting) => Promise<T>

export interface BoundedCallOptions {
  /** Of a call with all its attempts. */
  readonly timeoutMs: number
  /** What may be told of a fault. */
  readonly describeFault: (error: unknown) => Error
}

/**
 * Ends a call with the caller's reason when the caller leaves, and with E_PICTURES_UNAVAILABLE when it fails or its time
 * is over, whether or not the call heeds its signal.
 */
export function createBoundedCalls({ timeoutMs, describeFault }: BoundedCallOptions): RunBounded {
  return async (call, waiting) => {
    waiting?.signal?.throwIfAborted()
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = waiting?.signal === undefined ? deadline : AbortSignal.any([waiting.signal, deadline])
    try {
      return await orAborted(call(signal), signal)
    } catch (error) {
      waiting?.signal?.throwIfAborted()
      throw picturesUnavailable(describeFault(error))
    }
  }
}

async function orAborted<T>(call: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([call, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
