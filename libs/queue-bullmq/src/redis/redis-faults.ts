import { AppError, overloaded, queueUnavailable } from '@semblance/core'

/** The answer of Redis at `maxmemory` with noeviction. Redis 6.2 puts other words around it inside a script. */
const FULL = /\bOOM command not allowed/
/**
 * Answers of a Redis that cannot do what was asked now: it has another role, is still loading, has a full disk, runs a
 * script that does not end, or gives no access.
 */
const AWAY =
  /\b(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|BUSY|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM)\b/
const RETRY_WHEN_FULL_S = 5

/** Gives the error that callers are told. A refusal of Redis that is not listed here is a bug and stays as it is. */
export function translateRedisFault(fault: unknown): unknown {
  if (fault instanceof AppError) return fault
  const text = fault instanceof Error ? fault.message : String(fault)
  if (FULL.test(text)) return overloaded('the memory of the job queue', RETRY_WHEN_FULL_S)
  if (AWAY.test(text) || isConnectionFault(fault)) return queueUnavailable(fault)
  return fault
}

/** Leaves out faults of the connection: BullMQ repeats them, and the connection's own handler has told them. */
export function exceptOutages(onFault: (fault: unknown) => void): (fault: unknown) => void {
  return (fault) => {
    const told = translateRedisFault(fault)
    if (!(told instanceof AppError) || told.code !== 'E_QUEUE_UNAVAILABLE') onFault(fault)
  }
}

function isConnectionFault(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false
  if ('code' in fault && typeof fault.code === 'string') return true
  if (fault.name === 'MaxRetriesPerRequestError' || fault.name === 'AbortError') return true
  return /Connection is closed|isn't writeable|timed out|Socket|Stream/i.test(fault.message)
}
