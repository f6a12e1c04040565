import { z } from 'zod'

const MAX_STRANGERS = 5
const MAX_NAME_LENGTH = 64

/** What is wrong, in words that follow the field's name. Never the value itself: it may be a name or a picture. */
export function explainIssue(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'custom') return 'is required'
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${wordFor(issue.expected)}`
    case 'too_small':
      return `must ${lengthOf(issue.origin, 'at least', issue.minimum)}`
    case 'too_big':
      return `must ${lengthOf(issue.origin, 'at most', issue.maximum)}`
    case 'invalid_value':
      return `must be one of ${issue.values.join(', ')}`
    case 'invalid_union':
      return `must be ${kindsOf(issue.errors)}`
    case 'unrecognized_keys':
      return strangers(issue.keys, issue.inst)
    default:
      return undefined
  }
}

/** Explains an issue of a query, where a name that comes twice makes a list. */
export function explainQueryIssue(issue: z.core.$ZodRawIssue): string | undefined {
  const isRepeated = issue.code === 'invalid_type' && Array.isArray(issue.input)
  return isRepeated ? 'must be given once' : explainIssue(issue)
}

/** `image.resizeOptions.width must be at least 1`; the whole body has no name. */
export function nameField(path: readonly PropertyKey[], whole: string): string {
  // Of a field whose names are the caller's own, a name may be of any length.
  return path.length === 0 ? whole : path.map((part) => String(part).slice(0, MAX_NAME_LENGTH)).join('.')
}

/** Of a field that takes several kinds of values: `a string or an object`. */
function kindsOf(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const kinds = errors
    .flat()
    .flatMap((issue) => (issue.code === 'invalid_type' ? [wordFor(issue.expected)] : []))
  return [...new Set(kinds)].join(' or ') || 'of another kind'
}

/** Names that are no fields here, with those that are. The names are the caller's own, and of any length and number. */
function strangers(names: readonly string[], schema: unknown): string {
  const told = names.slice(0, MAX_STRANGERS).map((name) => name.slice(0, MAX_NAME_LENGTH))
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : ''
  return `has ${told.join(', ')}, which ${told.length === 1 ? 'is' : 'are'} not known here; known are ${known}`
}

function wordFor(expected: string): string {
  if (expected === 'int') return 'a whole number'
  if (expected === 'record') return 'an object'
  if (expected === 'array' || expected === 'tuple') return 'a list'
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`
}

/** What follows "must": `be at least 1`, `have at most 64 characters`, `have at least 1 item`. */
function lengthOf(origin: string, bound: string, count: number | bigint): string {
  const unit = UNITS[origin]
  if (unit === undefined) return `be ${bound} ${count}`
  return `have ${bound} ${count} ${unit}${Number(count) === 1 ? '' : 's'}`
}

const UNITS: Readonly<Record<string, string>> = { string: 'character', array: 'item' }
