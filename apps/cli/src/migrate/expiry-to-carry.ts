export type Expiry =
  | { readonly outcome: 'never' }
  | { readonly outcome: 'at'; readonly expireAt: string }
  | { readonly outcome: 'past' }
  | { readonly outcome: 'unreadable' }

/** A date, or a date and a time without a zone, which servers mean as UTC and JavaScript reads as local time. */
const WITHOUT_ZONE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?))?$/

/**
 * What a source tells of a person's end, in ISO-8601. The contract names no format: ISO with and without a zone, and
 * the date of HTTP headers that Flask writes, are understood. Whoever cannot be read must not be moved without an end.
 */
export function expiryToCarry(text: string | null | undefined, nowMs: number): Expiry {
  if (text === null || text === undefined || text === '') return { outcome: 'never' }
  const match = WITHOUT_ZONE.exec(text.trim())
  const time = Date.parse(match === null ? text : `${match[1]}T${match[2] ?? '00:00'}Z`)
  if (Number.isNaN(time)) return { outcome: 'unreadable' }
  return time <= nowMs ? { outcome: 'past' } : { outcome: 'at', expireAt: new Date(time).toISOString() }
}
