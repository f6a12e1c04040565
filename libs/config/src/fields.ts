import { isIP } from 'node:net'
import { z } from 'zod'

/** A variable's text to a value; `.default(value)` and `.optional()` work as on any zod schema. */
export type Field<T> = z.ZodType<T, string>

export interface Range {
  readonly min?: number
  readonly max?: number
}

/** `parse` gives undefined for a text that is not `wanted`, a noun phrase for people. Surrounding space is cut off. */
export function field<T>(wanted: string, parse: (text: string) => T | undefined): Field<T> {
  return z.string({ error: wanted }).transform((text, context) => {
    const value = parse(text.trim())
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: wanted })
    return z.NEVER
  })
}

export function text(): Field<string> {
  return field('a text', (given) => given || undefined)
}

/** Part of the names of databases, collections and keys, so what all of those take; the length is MongoDB Atlas's. */
export function installationName(): Field<string> {
  return field('1 to 38 letters, digits, dashes and underscores', (given) =>
    /^[\w-]{1,38}$/.test(given) ? given : undefined,
  )
}

/** 0 lets the system choose a free one. */
export function port(): Field<number> {
  return field('a port, 0 to 65535', (given) => within({ min: 0, max: 65_535 }, wholeNumber(given)))
}

/** Labels of a DNS name (RFC 1123), and the underscore that container networks use. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z\d_](?:[-a-z\d_]{0,61}[a-z\d_])?\.)*[a-z\d_](?:[-a-z\d_]{0,61}[a-z\d_])?\.?$/i

/** A name or an address to listen on. */
export function host(): Field<string> {
  const isHost = (given: string) => isIP(given) !== 0 || HOST_NAME.test(given)
  return field('a host name or an address', (given) => (isHost(given) ? given : undefined))
}

export function integer(range: Range = {}): Field<number> {
  return field(`a whole number${rangePhrase(range)}`, (given) => within(range, wholeNumber(given)))
}

export function decimal(range: Range = {}): Field<number> {
  return field(`a number${rangePhrase(range)}`, (given) => within(range, decimalNumber(given)))
}

/** Node's timers fire at once when told to wait longer (24.8 days). */
const LONGEST_TIMER_MS = 2_147_483_647
const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds, from `1500`, `1500ms`, `1.5s`, `2m`, `1h` or `1d`. */
export function durationMs(range: Range = {}): Field<number> {
  const limits = { min: 0, max: LONGEST_TIMER_MS, ...range }
  const wanted = `a duration such as 1500 (ms), 10s or 2m${rangePhrase(range, ' ms')}`
  return field(wanted, (given) => within(limits, quantity(given, MS_PER_UNIT, 'ms')))
}

const BYTES_PER_UNIT: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 1_024,
  mib: 1_024 ** 2,
  gib: 1_024 ** 3,
  tib: 1_024 ** 4,
}

/** Bytes, from `20000000`, `20MB` (decimal) or `20MiB` (binary). */
export function bytes(range: Range = {}): Field<number> {
  const limits = { min: 0, max: Number.MAX_SAFE_INTEGER, ...range }
  const wanted = `a size such as 20000000, 20MB or 20MiB${rangePhrase(range, ' bytes')}`
  return field(wanted, (given) => within(limits, quantity(given, BYTES_PER_UNIT, 'b')))
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
}

export function boolean(): Field<boolean> {
  return field('true or false', (given) =>
    Object.hasOwn(BOOLEANS, given.toLowerCase()) ? BOOLEANS[given.toLowerCase()] : undefined,
  )
}

export function oneOf<const T extends string>(choices: readonly T[]): Field<T> {
  return field(`one of ${choices.join(', ')}`, (given) => choices.find((choice) => choice === given))
}

/**
 * A URL as given, without a slash at the end. Schemes are named without their colon. Only http(s) is parsed: a
 * MongoDB URL may name many hosts.
 */
export function url(schemes: readonly string[] = ['http', 'https']): Field<string> {
  const wanted = `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`
  return field(wanted, (given) => {
    const [, scheme] = /^([a-z][-+.a-z\d]*):\/\/[^\s/]\S*$/i.exec(given) ?? []
    if (scheme === undefined || !schemes.includes(scheme.toLowerCase())) return undefined
    return /^https?$/i.test(scheme) && !URL.canParse(given) ? undefined : given.replace(/\/+$/, '')
  })
}

/** Entries by commas, empty ones left out; each read by `item`. */
export function list(): Field<readonly string[]>
export function list<T>(item: Field<T>): Field<readonly T[]>
export function list(item: Field<unknown> = text()): Field<readonly unknown[]> {
  return z.string({ error: 'a list, separated by commas' }).transform((given, context) => {
    const entries = given.split(',').filter((entry) => entry.trim() !== '')
    return entries.map((entry) => {
      const read = item.safeParse(entry)
      if (read.success) return read.data
      const message = `a list, separated by commas, each ${read.error.issues[0]?.message ?? 'valid'}`
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    })
  })
}

function wholeNumber(given: string): number | undefined {
  return /^[-+]?\d+$/.test(given) && Number.isSafeInteger(Number(given)) ? Number(given) : undefined
}

function decimalNumber(given: string): number | undefined {
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(given) ? Number(given) : undefined
}

function quantity(given: string, units: Readonly<Record<string, number>>, plain: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(given) ?? []
  const factor = units[unit?.toLowerCase() || plain]
  return amount === undefined || factor === undefined ? undefined : Math.round(Number(amount) * factor)
}

function within({ min = -Infinity, max = Infinity }: Range, value: number | undefined): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined
}

function rangePhrase({ min, max }: Range, unit = ''): string {
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}${unit}`
  if (min !== undefined) return `, at least ${min}${unit}`
  return max === undefined ? '' : `, at most ${max}${unit}`
}
