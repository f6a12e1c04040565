const FIRST_MS = 500
const LONGEST_MS = 30_000
/** A server that asks for more patience than this is not waited for at one stretch. */
const LONGEST_ASKED_MS = 300_000

/**
 * Milliseconds until attempt `attempt` + 1 (attempts count from 1): what `Retry-After` asks for, else doubling from
 * half a second, with up to half taken off by `random` (0..1) so that lanes do not come back together.
 */
export function retryDelayMs(
  attempt: number,
  now: { readonly retryAfter: string | null; readonly nowMs: number; readonly random: number },
): number {
  const asked = askedMs(now.retryAfter, now.nowMs)
  if (asked !== null) return Math.min(asked, LONGEST_ASKED_MS)
  return Math.min(FIRST_MS * 2 ** (attempt - 1), LONGEST_MS) * (1 - now.random / 2)
}

/** `Retry-After` comes as seconds or as a date (RFC 9110, 10.2.3); null for anything else. */
function askedMs(retryAfter: string | null, nowMs: number): number | null {
  if (retryAfter === null) return null
  if (/^\d{1,9}$/.test(retryAfter.trim())) return Number(retryAfter) * 1000
  const date = Date.parse(retryAfter)
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs)
}
