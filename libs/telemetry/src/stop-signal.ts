/** The terminal and npm both pass Ctrl-C on: what comes within this time is the same keypress. */
const SAME_KEYPRESS_MS = 1_000
/** What a shell shows for a process that SIGTERM ended. */
const ENDED_BY_SIGTERM = 143

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

/**
 * Takes the end of the launcher for SIGTERM, however the launcher died: nobody could stop this process by it any more.
 * `deploy/run-program.mjs` keeps a channel open to what it starts. A process without such a channel is left as it is.
 */
export function stopWithLauncher(): void {
  const stop = () => {
    if (!process.emit('SIGTERM', 'SIGTERM')) process.exit(ENDED_BY_SIGTERM)
  }
  // Undefined without a channel; false if the launcher has died before this line.
  if (process.connected === false) stop()
  if (!process.connected) return
  process.once('disconnect', stop)
  // A listener alone would keep the process from ending by itself.
  process.channel?.unref()
}
