import { parseExactJson } from '@semblance/core'
import { InvalidField } from './invalid-field.ts'

/** The most values of one row, as in the API: each takes microseconds to read with its digits. */
export const MAX_VALUES = 10_000

/** A JSON object out of text, its numbers kept as they stood. */
export function readMetadata(text: string): Readonly<Record<string, unknown>> {
  const value = parsed(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new InvalidField('metadata', 'must be a JSON object')
}

function parsed(text: string): unknown {
  try {
    return parseExactJson(text, MAX_VALUES)
  } catch (error) {
    // The parser's own message quotes the text.
    const message = error instanceof RangeError ? `must have at most ${MAX_VALUES} values` : 'is not JSON'
    throw new InvalidField('metadata', message)
  }
}
