/** A key that one JSON object has twice, where the first value would be lost without a word. */
export class RepeatedKey extends Error {
  /** As the error handler tells a body that will not do. */
  readonly status = 400
  readonly type = 'body.shape'
  readonly path: readonly string[]

  constructor(path: readonly string[]) {
    super(`has ${path.join('.').slice(0, MAX_PATH_LENGTH)} twice`)
    this.path = path
  }
}

/** In an answer; a stranger chose the keys. */
const MAX_PATH_LENGTH = 256

const METADATA = 'metadata'

/** Throws `RepeatedKey` if `metadata` comes twice in one object of a valid JSON text, or a key comes twice anywhere in it. */
export function refuseRepeatedMetadata(text: string): void {
  new KeyReader(text).readValue({ path: [], isWatched: false })
}

/** The same, where the whole text is somebody's metadata. */
export function refuseRepeatedKeys(text: string): void {
  new KeyReader(text).readValue({ path: [], isWatched: true })
}

interface Place {
  readonly path: readonly string[]
  /** Within metadata, where no key may come twice. */
  readonly isWatched: boolean
}

/** Goes once over a JSON text that is known to be valid and not to be deep. */
class KeyReader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  readValue(place: Place): void {
    const first = this.#next()
    if (first === '{') this.#readObject(place)
    else if (first === '[') this.#readArray(place)
    else if (first === '"') this.#readString()
    else this.#skipAll(SCALAR)
  }

  #readObject({ path, isWatched }: Place): void {
    const seen = new Set<string>()
    this.#at++
    while (this.#next() === '"') {
      const key = JSON.parse(this.#readString()) as string
      const inner = [...path, key]
      if (seen.has(key) && (isWatched || key === METADATA)) throw new RepeatedKey(inner)
      seen.add(key)
      this.#skip(':')
      this.readValue({ path: inner, isWatched: isWatched || key === METADATA })
      this.#skip(',')
    }
    this.#skip('}')
  }

  #readArray({ path, isWatched }: Place): void {
    this.#at++
    for (let index = 0; this.#next() !== ']'; index++) {
      this.readValue({ path: [...path, String(index)], isWatched })
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

const SPACE = /[\t\n\r ]*/y
/** A number or a word. */
const SCALAR = /[^,\]}\t\n\r ]+/y

function isEscaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text[quote - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}
