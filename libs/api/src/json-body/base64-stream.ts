import type { UploadBuffer } from '../multipart/upload-buffer.ts'

const EQUALS = 0x3d
/** Characters that stand for three bytes. */
const QUAD = 4
const DIGITS = /^[\w+/-]*$/

export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Decodes Base64 piece by piece into a buffer that only it writes to meanwhile. Takes what `decodeBase64` takes, but for
 * white space and a data-URI prefix, which the caller takes away: both alphabets, padded or not.
 */
export class Base64Stream {
  readonly #out: UploadBuffer
  readonly #start: number
  /** Less than a quad. */
  #carry = ''
  #padding = 0

  constructor(out: UploadBuffer) {
    this.#out = out
    this.#start = out.used
  }

  /**
   * False if anything in it is not Base64; nothing of it is then taken. Node's decoder passes over what is not Base64, so
   * the number of bytes tells whether it had to: no look of our own at every character.
   */
  push(text: Buffer): boolean {
    const at = this.#padding > 0 ? 0 : text.indexOf(EQUALS)
    if (at < 0) return this.#pushDigits(text)
    const padding = this.#padding + text.byteLength - at
    if (padding > 2 || !text.subarray(at).every((byte) => byte === EQUALS)) return false
    if (at > 0 && !this.#pushDigits(text.subarray(0, at))) return false
    this.#padding = padding
    return true
  }

  /** The bytes; null if the text as a whole is not Base64. */
  end(): ByteRange | null {
    const rest = this.#carry.length
    if (rest === 1 || (this.#padding > 0 && rest + this.#padding !== QUAD)) return null
    if (rest > 0 && !this.#write(this.#carry, rest - 1)) return null
    return { start: this.#start, end: this.#out.used }
  }

  #pushDigits(text: Buffer): boolean {
    const total = this.#carry.length + text.byteLength
    const whole = total - (total % QUAD) - this.#carry.length
    const rest = text.toString('latin1', Math.max(whole, 0))
    if (!DIGITS.test(rest)) return false
    if (whole <= 0) {
      this.#carry += rest
      return true
    }
    const digits = this.#carry + text.toString('latin1', 0, whole)
    if (!this.#write(digits, (digits.length / QUAD) * 3)) return false
    this.#carry = rest
    return true
  }

  #write(digits: string, expectedBytes: number): boolean {
    const keepAllOrNothing = (room: Buffer) =>
      room.write(digits, 'base64') === expectedBytes ? expectedBytes : 0
    return this.#out.write(expectedBytes, keepAllOrNothing) === expectedBytes
  }
}
