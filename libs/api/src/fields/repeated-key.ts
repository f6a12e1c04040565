/** A key that one JSON object has twice, where the first value would be lost without a word. */
export class RepeatedKey extends Error {
  /** Status and type by which the error handler knows a body that will not do. */
  readonly status = 400
  readonly type = 'body.shape'
  readonly path: readonly string[]

  constructor(path: readonly string[]) {
    super(`has ${path.join('.').slice(0, MAX_PATH_LENGTH)} twice`)
    this.path = path
  }
}

/** An answer shows so much of the path; a stranger chose the keys. */
const MAX_PATH_LENGTH = 256

const METADATA = 'metadata'

/**
 * The text of the `metadata` of a body, by null, and of each object in it, by that one's name. Throws `RepeatedKey` if
 * `metadata` comes twice in one object of the valid JSON text, or a key comes twice anywhere in it.
 */
export function metadataTexts(text: string): ReadonlyMap<string | null, string> {
  const reader = new KeyReader(text)
  reader.readValue({ outer: null, key: '', depth: 0, isWatched: false })
  return reader.metadata
}

/** The same, where the whole text is somebody's metadata. */
export function refuseRepeatedKeys(text: string): void {
  new KeyReader(text).readValue({ outer: null, key: '', depth: 0, isWatched: true })
}

interface Place {
  /** Null: this is the whole. */
  readonly outer: Place | null
  readonly key: string
  readonly depth: number
  /** The value lies within metadata, where no key may come twice. */
  readonly isWatched: boolean
}

/** Goes once over a JSON text that is known to be valid and not to be deep. */
class KeyReader {
  readonly metadata = new Map<string | null, string>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readValue(place: Place): void {
    const first = this.#next()
    const start = this.#at
    if (first === '{') this.#readObject(place)
    else if (first === '[') this.#readArray(place)
    else if (first === '"') this.#readString()
    else this.#skipAll(SCALAR)
    const { outer, key, depth } = place
    if (outer !== null && key === METADATA && depth <= 2)
      this.metadata.set(depth === 1 ? null : outer.key, this.#text.slice(start, this.#at))
  }

  #readObject(outer: Place): void {
    const seen = new Set<string>()
    this.#at++
    while (this.#next() === '"') {
      const key = JSON.parse(this.#readString()) as string
      const isWatched = outer.isWatched || key === METADATA
      const inner = { outer, key, depth: outer.depth + 1, isWatched }
      if (isWatched && seen.has(key)) throw new RepeatedKey(pathOf(inner))
      seen.add(key)
      this.#skip(':')
      this.readValue(inner)
      this.#skip(',')
    }
    this.#skip('}')
  }

  #readArray(outer: Place): void {
    this.#at++
    for (let index = 0; this.#next() !== ']'; index++) {
      this.readValue({ ...outer, outer, key: String(index), depth: outer.depth + 1 })
      this.#skip(',')
    }
    this.#skip(']')
  }

  /** Leaps from quote to quote: a picture's text is millions of letters long. */
  #readString(): string {
    const start = this.#at
    let end = this.#text.indexOf('"', start + 1)
    while (isEscaped(this.#text, end)) end = this.#text.indexOf('"', end + 1)
    this.#at = end + 1
    return this.#text.slice(start, this.#at)
  }

  #next(): string | undefined {
    this.#skipAll(SPACE)
    return this.#text[this.#at]
  }

  #skipAll(letters: RegExp): void {
    letters.lastIndex = this.#at
    letters.test(this.#text)
    this.#at = letters.lastIndex
  }

  #skip(letter: string): void {
    if (this.#next() === letter) this.#at++
  }
}

function pathOf({ outer, key }: Place): readonly string[] {
  return outer === null ? [] : [...pathOf(outer), key]
}

const SPACE = /[\t\n\r ]*/y
/** A number or a word. */
const SCALAR = /[^,\]}\t\n\r ]+/y

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text[quote - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}
