import { checkDatabaseFile } from '@semblance/store-local'
import type { Logger, Metrics } from '@semblance/telemetry'

/** Faults of the file that the log names; the metric has their number. */
const MOST_NAMED = 5

/**
 * Lets SQLite look at its own file once, beside the server's work, which does not wait for it: a page that a disk has
 * changed is told at the start, not when somebody happens to ask for what stood there.
 */
export function startCheckingDatabase(deps: {
  readonly file: string
  readonly metrics: Metrics
  readonly logger: Logger
}): { stop(): Promise<void> } {
  const { file, metrics, logger } = deps
  const stopping = new AbortController()
  const check = async () => {
    const { faults, isRecounted } = await checkDatabaseFile(file, { signal: stopping.signal })
    metrics.showDatabaseFaults(faults.length)
    if (isRecounted)
      logger.warn('the counts of what is enrolled were not those of the records, and were put right')
    if (faults.length === 0) return
    const named = faults.slice(0, MOST_NAMED)
    logger.error(
      { count: faults.length, faults: named },
      'the database is damaged: stop the server and restore semblance.sqlite from a backup',
    )
  }
  const checked = check().catch((fault) => {
    if (!stopping.signal.aborted) logger.warn({ err: fault }, 'the database was not checked')
  })
  return {
    stop: async () => {
      stopping.abort(new Error('the server is stopping'))
      await checked
    },
  }
}
