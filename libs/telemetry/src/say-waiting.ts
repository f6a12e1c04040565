import { say } from './say.ts'

/** The time between two lines about the same server. */
const SAY_EVERY_MS = 30_000

/**
 * Tells people, beside the log, what the program waits for and why: at once, and now and then while it lasts. It may be told
 * of each try.
 */
export function createSayWaiting(
  now: () => number = () => performance.now(),
): (what: string, reason: string) => void {
  const saidAt = new Map<string, number>()
  return (what, reason) => {
    if (now() - (saidAt.get(what) ?? Number.NEGATIVE_INFINITY) < SAY_EVERY_MS) return
    saidAt.set(what, now())
    say(`Waiting for ${what}: ${reason}`)
  }
}
