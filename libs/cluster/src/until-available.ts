import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@semblance/core'

export interface AvailabilityWait {
  /** What is waited for, in words: it goes into the log. */
  readonly what: string
  readonly signal: AbortSignal
  readonly logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  }
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000
/** Between two lines about the same server. */
const SAY_EVERY_MS = 30_000

/**
 * Opens something that needs a server, again and again while that is not there: a cluster's processes are started in
 * any order. A fault that no waiting mends is thrown on; an aborted signal rejects with its reason.
 */
export async function untilAvailable<T>(open: () => Promise<T>, wait: AvailabilityWait): Promise<T> {
  const begun = performance.now()
  let saidAt = Number.NEGATIVE_INFINITY
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    wait.signal.throwIfAborted()
    try {
      const opened = await open()
      if (saidAt > Number.NEGATIVE_INFINITY) {
        wait.logger.info({ seconds: Math.round((performance.now() - begun) / 1000) }, `${wait.what} is there`)
      }
      return opened
    } catch (error) {
      if (!(error instanceof AppError) || !error.retryable) throw error
      if (performance.now() - saidAt >= SAY_EVERY_MS) {
        wait.logger.warn({ reason: reasonOf(error) }, `waiting for ${wait.what}`)
        saidAt = performance.now()
      }
    }
    await sleep(pause, undefined, { signal: wait.signal }).catch(() => wait.signal.throwIfAborted())
  }
}

/** One line: that a server is not there yet is no fault that needs a stack. */
function reasonOf(error: AppError): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}
