import { exactNumberText, parseExactJson } from '@semblance/core'
import { InvalidField } from './invalid-field.ts'

/** The most values of one row, as in the API: each takes microseconds to read with its digits. */
const MAX_VALUES = 10_000

const TOO_MUCH = `has more than ${MAX_VALUES} values, or too many levels`

/** Numbers that JavaScript would write otherwise are kept as they stood. Throws `InvalidField`. */
export function parseJson(field: string, text: string): unknown {
  try {
    return parseExactJson(text, MAX_VALUES)
  } catch (error) {
    // The parser's own message quotes the text.
    throw new InvalidField(field, error instanceof RangeError ? TOO_MUCH : 'is not JSON')
  }
}

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
