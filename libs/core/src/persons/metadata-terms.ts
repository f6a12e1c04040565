import { createHash } from 'node:crypto'
import { exactNumberText, parseExactJson, plainNumberText } from './exact-json.ts'

/** One value at one place in somebody's metadata. */
export interface MetadataFilter {
  /** Keys from the outermost to the innermost; at least one. */
  readonly path: readonly string[]
  /** A JSON scalar's text: a string itself, a number as it was sent or in its shortest form, `true`, `null`. */
  readonly value: string
}

/**
 * The most terms of one person. What lies beyond them in document order cannot be filtered by; 64 KB of JSON could
 * hold 30,000.
 */
export const MAX_METADATA_TERMS = 1000

/** Bytes of a digest that are kept: enough that two places and values never share a term by chance. */
const TERM_BYTES = 18

/**
 * A term for each scalar in a JSON object's text, without repetitions, so that a store finds persons by equality of
 * short texts. A number such as `1.0` has two: as it stands, and as `1`. The elements of an array are values of the array's own place. Terms are digests: a value may be long,
 * and a key repeated in each of thousands of paths.
 */
export function metadataTerms(metadata: string): readonly string[] {
  const terms = new Set<string>()
  collect(terms, { place: ROOT, node: parseExactJson(metadata) })
  return [...terms]
}

/** The term that exactly the persons have to whom the filter applies. */
export function metadataTermOf({ path, value }: MetadataFilter): string {
  return digest(path.reduce(placeBelow, ROOT), value)
}

const ROOT = ''

/** @param at a place in the document, named by the digest of the keys that lead to it */
function collect(terms: Set<string>, at: { readonly place: string; readonly node: unknown }): void {
  const { place, node } = at
  if (terms.size >= MAX_METADATA_TERMS) return
  const number = exactNumberText(node)
  if (number !== null) {
    collect(terms, { place, node: plainNumberText(number) ?? number })
    if (terms.size < MAX_METADATA_TERMS && place !== ROOT) terms.add(digest(place, number))
  } else if (Array.isArray(node)) {
    for (const element of node) collect(terms, { place, node: element })
  } else if (typeof node === 'object' && node !== null) {
    for (const [key, child] of Object.entries(node))
      collect(terms, { place: placeBelow(place, key), node: child })
  } else if (place !== ROOT) {
    terms.add(digest(place, String(node)))
  }
}

function placeBelow(place: string, key: string): string {
  return digest(`key ${place}`, key)
}

/** The first part holds no newline, so that no two pairs have one text. */
function digest(first: string, second: string): string {
  const hash = createHash('sha256').update(`${first}\n`).update(second)
  return hash.digest().subarray(0, TERM_BYTES).toString('base64url')
}
