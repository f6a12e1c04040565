const BACKSLASH = 0x5c
const LOWER_U = 0x75
const SPACE = 0x20
/** A stand-in for any character beyond ASCII. */
const STRANGER = 0x21

/** What may follow a backslash, but for `u`, and what the two stand for. */
const ESCAPES: ReadonlyMap<number, number> = new Map(
  [
    ['"', '"'],
    ['\\', '\\'],
    ['/', '/'],
    ['b', '\b'],
    ['f', '\f'],
    ['n', '\n'],
    ['r', '\r'],
    ['t', '\t'],
  ].map(([sign = '', meant = '']) => [sign.charCodeAt(0), meant.charCodeAt(0)]),
)

/**
 * The characters of a JSON string from its raw bytes as they come. Characters beyond ASCII come out as exclamation marks,
 * one for each UTF-16 unit: whoever reads Base64 need not know which they were.
 */
export class StringUnescaper {
  /** The part of an escape that is not complete, without its backslash; null outside of escapes. */
  #escape: string | null = null
  #isValid = true

  /** No escape has begun. */
  get isAtRest(): boolean {
    return this.#escape === null
  }

  /** Nothing so far that JSON forbids inside a string. */
  get isValid(): boolean {
    return this.#isValid
  }

  push(raw: Buffer): string {
    // Two for the first byte of a character whose other three are still to come.
    const out = Buffer.allocUnsafe(2 * raw.byteLength)
    let used = 0
    for (let i = 0; i < raw.byteLength; i++) {
      const byte = raw[i] as number
      if (this.#escape !== null) {
        const character = this.#goOn(byte)
        if (character !== null) out[used++] = character
      } else if (byte === BACKSLASH) this.#escape = ''
      else if (byte < 0x80) {
        if (byte < SPACE) this.#isValid = false
        out[used++] = byte
      } else {
        // The bytes that follow the first of a character say nothing; four bytes are two UTF-16 units.
        if (byte >= 0xc0) out[used++] = STRANGER
        if (byte >= 0xf0) out[used++] = STRANGER
      }
    }
    return out.toString('latin1', 0, used)
  }

  /** The character, once the escape is complete. */
  #goOn(byte: number): number | null {
    const sequence = `${this.#escape}${String.fromCharCode(byte)}`
    if (sequence.length === 1 && byte !== LOWER_U) {
      this.#escape = null
      const character = ESCAPES.get(byte)
      if (character === undefined) this.#isValid = false
      return character ?? STRANGER
    }
    const isComplete = sequence.length === 5
    this.#escape = isComplete ? null : sequence
    if (!isComplete) return null
    if (!/^u[\da-f]{4}$/i.test(sequence)) this.#isValid = false
    const unit = Number.parseInt(sequence.slice(1), 16)
    return unit < 0x80 ? unit : STRANGER
  }
}
