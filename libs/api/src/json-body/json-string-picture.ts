import { isAscii } from 'node:buffer'
import type { UploadBuffer } from '../multipart/upload-buffer.ts'
import { Base64Stream, type ByteRange } from './base64-stream.ts'
import { StringUnescaper } from './string-unescaper.ts'

/** A data-URI prefix in front of Base64, as `decodeBase64` knows it. */
const DATA_URI = /^data:[^,]{0,200};base64,/i
const DATA_URI_BEGINS = /^(data:|DATA:)/
/** The length of `data:`, by which a prefix is told. */
const SHORTEST_HEAD = 5
const LONGEST_HEAD = 213

const BACKSLASH = 0x5c

export type PictureOutcome =
  | { readonly outcome: 'decoded'; readonly range: ByteRange }
  | { readonly outcome: 'not-base64' }
  /** Control characters or escapes that JSON does not know. */
  | { readonly outcome: 'not-json' }
  | { readonly outcome: 'not-utf8' }

/** A picture's text, decoded from the raw bytes between the quotes of a JSON string as they come. */
export class JsonStringPicture {
  readonly #base64: Base64Stream
  readonly #unescaper = new StringUnescaper()
  /** Null while nothing but ASCII has come. */
  #utf8: InstanceType<typeof TextDecoder> | null = null
  /** What may be the prefix; null once that is settled. */
  #head: string | null = ''
  #problem: 'not-base64' | 'not-utf8' | null = null

  constructor(out: UploadBuffer) {
    this.#base64 = new Base64Stream(out)
  }

  push(raw: Buffer): void {
    let rest = raw
    while (this.#head !== null && rest.byteLength > 0) {
      this.#takeHead(rest.subarray(0, LONGEST_HEAD))
      rest = rest.subarray(LONGEST_HEAD)
    }
    if (rest.byteLength === 0 || (this.#isPlain(rest) && this.#base64.push(rest))) return
    this.#checkUtf8(rest, true)
    this.#decode(this.#unescaper.push(rest))
  }

  end(): PictureOutcome {
    this.#checkUtf8(Buffer.alloc(0), false)
    if (this.#problem === 'not-utf8') return { outcome: 'not-utf8' }
    if (!this.#unescaper.isValid || !this.#unescaper.isAtRest) return { outcome: 'not-json' }
    if (this.#head !== null) this.#endHead()
    const range = this.#problem === null ? this.#base64.end() : null
    return range === null ? { outcome: 'not-base64' } : { outcome: 'decoded', range }
  }

  /** Nothing but Base64, or so it seems: for nearly all of a picture there is nothing else to be done. */
  #isPlain(raw: Buffer): boolean {
    return this.#problem === null && this.#unescaper.isAtRest && raw.indexOf(BACKSLASH) < 0
  }

  #takeHead(raw: Buffer): void {
    this.#checkUtf8(raw, true)
    const head = `${this.#head}${this.#unescaper.push(raw)}`
    this.#head = head
    const isPrefix = head.length < SHORTEST_HEAD || (DATA_URI_BEGINS.test(head) && !head.includes(','))
    if (!isPrefix || head.length >= LONGEST_HEAD) this.#endHead()
  }

  #endHead(): void {
    const head = this.#head ?? ''
    this.#head = null
    this.#decode(DATA_URI_BEGINS.test(head) ? head.replace(DATA_URI, '') : head)
  }

  #decode(text: string): void {
    if (this.#problem !== null) return
    const digits = text.replace(/[\t\n\r ]+/g, '')
    if (!this.#base64.push(Buffer.from(digits, 'latin1'))) this.#problem = 'not-base64'
  }

  #checkUtf8(raw: Buffer, stream: boolean): void {
    if (this.#problem === 'not-utf8' || (this.#utf8 === null && isAscii(raw))) return
    this.#utf8 ??= new TextDecoder('utf-8', { fatal: true })
    try {
      this.#utf8.decode(raw, { stream })
    } catch {
      this.#problem = 'not-utf8'
    }
  }
}
