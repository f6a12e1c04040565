import { exactNumberText, parseExactJson } from '@semblance/core'
import { InvalidField } from './invalid-field.ts'

/** The most values of one row, as in the API: each takes microseconds to read with its digits. */
const MAX_VALUES = 10_000

/** Numbers that JavaScript would write otherwise are kept as they stood. Throws `InvalidField`. */
export function parseJson(field: string, text: string): unknown {
  try {
    return parseExactJson(text, MAX_VALUES)
  } catch (error) {
    // The parser's own message quotes the text.
    const message = error instanceof RangeError ? `must have at most ${MAX_VALUES} values` : 'is not JSON'
    throw new InvalidField(field, message)
  }
}

/** Not a list, and not a number that is kept as text. */
export function isJsonObject(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && exactNumberText(value) === null
  )
}
