/**
 * The time that a process which was told to stop gives to what it has under way. It runs from the first call on, so that
 * all parts that end one after the other share it: whoever runs the process waits for the sum.
 */
export function drainTime(ms: number): () => AbortSignal {
  let signal: AbortSignal | null = null
  return () => {
    signal ??= AbortSignal.timeout(ms)
    return signal
  }
}
