/** ISO-8601: a date, or a date and a time to the minute or finer, with or without a zone (then UTC). */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** Milliseconds since the epoch, null for anything else or a day that is not in the calendar. */
export function parseTime(text: string): number | null {
  const match = ISO.exec(text)
  if (match === null) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(wholeOf)
  const milliseconds = wholeOf((match[7] ?? '').padEnd(3, '0').slice(0, 3))
  const zone = zoneMinutes(match[8] ?? 'Z')
  if (zone === null || hour > 23 || minute > 59 || second > 59) return null
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  if (time.getUTCMonth() !== month - 1 || time.getUTCDate() !== day) return null
  time.setUTCHours(hour, minute, second, milliseconds)
  return time.getTime() - zone * 60_000
}

function wholeOf(digits: string | undefined): number {
  return Number(digits ?? 0)
}

function zoneMinutes(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0
  const hours = Number(zone.slice(1, 3))
  const minutes = Number(zone.slice(3).replace(':', '') || 0)
  if (hours > 23 || minutes > 59) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
