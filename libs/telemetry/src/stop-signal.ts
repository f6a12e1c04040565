/** The terminal and npm both pass Ctrl-C on: what comes within this time is the same keypress. */
const SAME_KEYPRESS_MS = 1_000

/** Resolves at the first signal to stop; a second one, later than the same keypress, ends the process at once. */
export function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null
    const onSignal = () => {
      if (first !== null && performance.now() - first > SAME_KEYPRESS_MS) process.exit(130)
      first ??= performance.now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  })
}
