/** Metadata may be 32 levels deep and stands two levels down. */
const MAX_DEPTH = 64
/** The largest honest body is ten thousand filter values plus 64 KB of metadata. */
const MAX_VALUES = 100_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING: ReadonlySet<number> = new Set([0x5b, 0x7b])
const CLOSING: ReadonlySet<number> = new Set([0x5d, 0x7d])

/**
 * Judges a JSON text before it is parsed: 20 MB of `[` would become a gigabyte of arrays. Strings are leapt over, so a
 * picture in Base64 costs next to nothing. Says what is too much, or null; says nothing on whether it is valid JSON.
 */
export function findShapeProblem(json: Buffer): string | null {
  let depth = 0
  let values = 0
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] ?? 0
    if (byte === QUOTE) {
      i = endOfString(json, i)
    } else if (OPENING.has(byte)) {
      depth++
      values++
      if (depth > MAX_DEPTH) return `is more than ${MAX_DEPTH} levels deep`
    } else if (CLOSING.has(byte)) {
      depth--
    } else if (byte === COMMA) {
      values++
    }
    if (values > MAX_VALUES) return `has more than ${MAX_VALUES} values`
  }
  return null
}

/** Index of the closing quote, or the length of a text whose string never ends. */
function endOfString(json: Buffer, start: number): number {
  for (let from = start + 1; ; ) {
    const end = json.indexOf(QUOTE, from)
    if (end < 0) return json.length
    let backslashes = 0
    while (json[end - 1 - backslashes] === BACKSLASH) backslashes++
    if (backslashes % 2 === 0) return end
    from = end + 1
  }
}
