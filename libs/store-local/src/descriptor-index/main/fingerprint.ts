import { hash } from 'node:crypto'
import type { Key } from '../memory/uuid-key.ts'

/** What a person without the field has; no text has it (that would take a SHA-256 that begins with 128 zero bits). */
export const NO_TEXT: Key = [0, 0, 0, 0]

/**
 * The first 128 bits of a text's SHA-256. The index compares these instead of texts: equal texts have equal
 * fingerprints, nobody can make two texts that share one, all are of one size, and no name lies in its memory.
 */
export function fingerprint(text: string): Key {
  // UTF-8 has no lone surrogates: two ill-formed texts would become one.
  const bytes = hash('sha256', text.isWellFormed() ? `=${text}` : `~${JSON.stringify(text)}`, 'binary')
  return [wordAt(bytes, 0), wordAt(bytes, 4), wordAt(bytes, 8), wordAt(bytes, 12)]
}

function wordAt(bytes: string, at: number): number {
  return (
    ((bytes.charCodeAt(at) << 24) |
      (bytes.charCodeAt(at + 1) << 16) |
      (bytes.charCodeAt(at + 2) << 8) |
      bytes.charCodeAt(at + 3)) >>>
    0
  )
}
