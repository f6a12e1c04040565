import { type AppError, orAborted, type Waiting } from '@semblance/core'

/** The call's signal aborts when its caller leaves or its time is over. */
export type RunBounded = <T>(call: (signal: AbortSignal) => Promise<T>, waiting?: Waiting) => Promise<T>

export interface BoundedCallOptions {
  /** The time for a call with all its attempts. */
  readonly timeoutMs: number
  readonly faultOf: (error: unknown) => AppError
}

/**
 * Ends a call with the caller's reason when the caller leaves, and with `faultOf` when it fails or its time is over,
 * whether or not the call heeds its signal: what was sent may still be carried out later.
 */
export function createBoundedCalls({ timeoutMs, faultOf }: BoundedCallOptions): RunBounded {
  return async (call, waiting) => {
    waiting?.signal?.throwIfAborted()
    const deadline = AbortSignal.timeout(timeoutMs)
    const signal = waiting?.signal === undefined ? deadline : AbortSignal.any([waiting.signal, deadline])
    try {
      return await orAborted(call(signal), signal)
    } catch (error) {
      waiting?.signal?.throwIfAborted()
      throw faultOf(error)
    }
  }
}
