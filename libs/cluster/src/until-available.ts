import { AppError } from '@semblance/core'
import pRetry from 'p-retry'

export interface AvailabilityWait {
  /** What is waited for, in words: it goes into the log. */
  readonly what: string
  /** This is told of each try that came to nothing. */
  readonly onWaiting?: ((what: string, reason: string) => void) | undefined
  readonly signal: AbortSignal
  readonly logger: {
    warn(fields: object, message: string): void
    info(fields: object, message: string): void
  }
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000
/** The time between two lines about the same server. */
const SAY_EVERY_MS = 30_000

/**
 * Opens something that needs a server, again and again while that is not there: a cluster's processes are started in
 * any order. A fault that no waiting mends is thrown on; an aborted signal rejects with its reason.
 */
export async function untilAvailable<T>(open: () => Promise<T>, wait: AvailabilityWait): Promise<T> {
  const { what, signal, logger, onWaiting } = wait
  const begun = performance.now()
  let saidAt = Number.NEGATIVE_INFINITY
  const sayNow = (error: Error) => {
    if (!isPassing(error)) return
    onWaiting?.(what, reasonOf(error))
    if (performance.now() - saidAt < SAY_EVERY_MS) return
    logger.warn({ reason: reasonOf(error) }, `waiting for ${what}`)
    saidAt = performance.now()
  }
  const opened = await pRetry(open, {
    retries: Number.POSITIVE_INFINITY,
    minTimeout: FIRST_PAUSE_MS,
    maxTimeout: LONGEST_PAUSE_MS,
    signal,
    shouldRetry: ({ error }) => isPassing(error),
    onFailedAttempt: ({ error }) => sayNow(error),
  })
  if (saidAt > Number.NEGATIVE_INFINITY)
    logger.info({ seconds: Math.round((performance.now() - begun) / 1000) }, `${what} is there`)
  return opened
}

function isPassing(error: Error): error is AppError {
  return error instanceof AppError && error.retryable
}

/** One line: that a server is not there yet is no fault that needs a stack. */
function reasonOf(error: AppError): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}
