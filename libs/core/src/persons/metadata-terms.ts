import { hash } from 'node:crypto'
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
  const found: FoundTerms = new Map()
  collect(found, { place: ROOT, node: parseExactJson(metadata) })
  return [...found.values()]
}

/** The term that exactly the persons have to whom the filter applies. */
export function metadataTermOf({ path, value }: MetadataFilter): string {
  return digest(termText(path.reduce(placeBelow, ROOT), value))
}

/** Whether all of the filters apply to these metadata, a JSON object's text. */
export function hasMetadata(metadata: string, wanted: readonly MetadataFilter[]): boolean {
  if (wanted.length === 0) return true
  const terms = metadataTerms(metadata)
  return wanted.every((filter) => terms.includes(metadataTermOf(filter)))
}

const ROOT = ''

/** Each term by the text that it is the digest of: a repeated one is passed over before it costs a digest. */
type FoundTerms = Map<string, string>

/** @param at a place in the document, named by the digest of the keys that lead to it */
function collect(found: FoundTerms, at: { readonly place: string; readonly node: unknown }): void {
  const { place, node } = at
  if (found.size >= MAX_METADATA_TERMS) return
  const number = exactNumberText(node)
  if (number !== null) {
    const plain = plainNumberText(number)
    if (plain !== null) addTerm(found, place, plain)
    addTerm(found, place, number)
  } else if (Array.isArray(node)) {
    for (const element of node) collect(found, { place, node: element })
  } else if (typeof node === 'object' && node !== null) {
    for (const [key, child] of Object.entries(node))
      collect(found, { place: placeBelow(place, key), node: child })
  } else addTerm(found, place, String(node))
}

function addTerm(found: FoundTerms, place: string, value: string): void {
  const text = termText(place, value)
  if (place === ROOT || found.size >= MAX_METADATA_TERMS || found.has(text)) return
  found.set(text, digest(text))
}

function placeBelow(place: string, key: string): string {
  return digest(termText(`key ${place}`, key))
}

/** The first part holds no newline, so that no two pairs have one text. */
function termText(first: string, second: string): string {
  return `${first}\n${second}`
}

function digest(text: string): string {
  return hash('sha256', text, 'buffer').subarray(0, TERM_BYTES).toString('base64url')
}
