import type { Waiting } from '../ports/waiting.ts'

/** A file that cannot be read (a bad sector) is as good as damaged, and keeps no other from being looked at. */
export async function readFailing<Found>(
  look: () => Promise<Found>,
  waiting: Waiting,
): Promise<Found | string> {
  try {
    return await look()
  } catch (fault) {
    waiting.signal?.throwIfAborted()
    return `it cannot be read: ${textOf(fault)}`
  }
}

/** A fault in words, with what brought it about. */
export function textOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault)
  return fault.cause instanceof Error ? `${fault.message} (${fault.cause.message})` : fault.message
}
