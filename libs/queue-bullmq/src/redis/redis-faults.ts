import { AppError, overloaded, queueUnavailable } from '@semblance/core'

/** Redis at `maxmemory` with noeviction; inside a script 6.2 wraps the words. */
const FULL = /\bOOM command not allowed/
/** It answers, but cannot do this now: another role, still loading, its disk full, a script that does not end, no access. */
const AWAY =
  /\b(READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MISCONF|BUSY|NOREPLICAS|NOAUTH|WRONGPASS|NOPERM)\b/
const RETRY_WHEN_FULL_S = 5

/** What our callers are told. A refusal of Redis that we do not know is a bug of ours and stays as it is. */
export function translateRedisFault(fault: unknown): unknown {
  if (fault instanceof AppError) return fault
  const text = fault instanceof Error ? fault.message : String(fault)
  if (FULL.test(text)) return overloaded('the memory of the job queue', RETRY_WHEN_FULL_S)
  if (AWAY.test(text) || isConnectionFault(fault)) return queueUnavailable(fault)
  return fault
}

/** BullMQ repeats what the connection's own handler has told. */
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
