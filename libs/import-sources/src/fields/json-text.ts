import { exactNumberText, parseExactJson } from '@semblance/core'
import { InvalidField } from './invalid-field.ts'

/** The most values of one row, as in the API: each takes microseconds to read with its digits. */
const MAX_VALUES = 10_000

const TOO_MUCH = `has more than ${MAX_VALUES} values, or too many levels`

/**
 * Numbers that JavaScript would write otherwise are kept as they stood. Of a key that an object has twice, one value would
 * be lost without a word: that is refused, as the API does. Throws `InvalidField`.
 */
export function parseJson(field: string, text: string): unknown {
  const { value, keys } = parseCounting(field, text)
  // A text without objects may be a picture of megabytes.
  if (isJsonObject(value) && keys < colonsOf(text)) throw new InvalidField(field, 'has a key twice')
  return value
}

/** The value, and how many keys its objects have, all levels together. */
function parseCounting(field: string, text: string): { readonly value: unknown; readonly keys: number } {
  try {
    const value = parseExactJson(text, MAX_VALUES)
    return { value, keys: keysOf(value) }
  } catch (error) {
    // The parser's own message quotes the text.
    throw new InvalidField(field, error instanceof RangeError ? TOO_MUCH : 'is not JSON')
  }
}

function keysOf(value: unknown): number {
  if (typeof value !== 'object' || value === null || exactNumberText(value) !== null) return 0
  const inner = Object.values(value)
  return inner.reduce<number>((sum, one) => sum + keysOf(one), Array.isArray(value) ? 0 : inner.length)
}

/** In valid JSON, each key has one after it, and none is elsewhere but in strings. */
function colonsOf(text: string): number {
  return text.replace(STRINGS, '').split(':').length - 1
}

const STRINGS = /"[^"\\]*(?:\\.[^"\\]*)*"/g

/** On one line, whatever the text was that it came from; numbers as they stood. Throws `InvalidField`. */
export function jsonText(field: string, value: object): string {
  try {
    return JSON.stringify(value)
  } catch {
    // Deeper than the stack of this thread goes.
    throw new InvalidField(field, TOO_MUCH)
  }
}

/** Not a list, and not a number that is kept as text. */
export function isJsonObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && exactNumberText(value) === null
  )
}
