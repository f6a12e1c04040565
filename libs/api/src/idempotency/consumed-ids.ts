import { AppError, staleId } from '@semblance/core'

/**
 * Use cases take no id older than an hour (E_STALE_ID). A run that looked right before may have slept since, so nobody
 * makes others for the same request until a while later.
 */
const SURELY_STALE_MS = 75 * 60_000

const consumed = new WeakSet<object>()

/** The fault of a handler whose ids an earlier run used up without effect: nothing can be made with these any more. */
export function consumedIds(id: string): AppError {
  const fault = staleId(id)
  consumed.add(fault)
  return fault
}

/** The request may, and must, be carried out with other ids. */
export function isConsumed(fault: unknown, seedAgeMs: number): boolean {
  if (!(fault instanceof AppError) || fault.code !== 'E_STALE_ID') return false
  return consumed.has(fault) || seedAgeMs >= SURELY_STALE_MS
}
