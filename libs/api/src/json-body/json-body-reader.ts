import { isUtf8 } from 'node:buffer'
import { readJson } from '../fields/read-json.ts'
import { RepeatedKey } from '../fields/repeated-key.ts'
import { UploadBuffer } from '../multipart/upload-buffer.ts'
import { JsonPlaces } from './json-places.ts'
import { JsonSkeleton, MAX_SKELETON_BYTES } from './json-skeleton.ts'
import { JsonStringPicture, type PictureOutcome } from './json-string-picture.ts'
import type { PictureFields } from './picture-fields.ts'
import { PictureText } from './picture-text.ts'

const QUOTE = 0x22
const QUOTE_BYTES = Buffer.of(QUOTE)
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d]
const BYTE_ORDER_MARK = '\ufeff'
/** The room beyond what Base64 makes of an announced length: the reader writes whole quads. */
const SLACK_BYTES = 16

export type JsonBody =
  | { readonly outcome: 'read'; readonly value: object }
  /** `problem`: words that follow "the body". */
  | { readonly outcome: 'malformed'; readonly problem: string }
  | { readonly outcome: 'too-large'; readonly problem: string }

type Refusal = Exclude<JsonBody, { outcome: 'read' }>

/**
 * Reads a JSON body as it comes. The texts of pictures are decoded at once into one piece of memory; what is left is small
 * and parsed at the end. So no step of it takes long, whatever comes.
 */
export class JsonBodyReader {
  readonly #fields: PictureFields | null
  readonly #places: JsonPlaces
  readonly #skeleton = new JsonSkeleton()
  readonly #buffer: UploadBuffer
  readonly #pictures: PictureOutcome[] = []
  #string: OpenString | null = null
  /** The byte that comes next is escaped by a backslash before it. */
  #isEscaped = false
  #refusal: Refusal | null = null

  /** @param maxBytes of the body, announced or else allowed; `isAnnounced`: there is room for all of it */
  constructor(fields: PictureFields | null, maxBytes: number, isAnnounced = false) {
    this.#fields = fields
    this.#places = new JsonPlaces(fields)
    const pictureBytes = fields === null ? 0 : Math.ceil((maxBytes * 3) / 4) + SLACK_BYTES
    this.#buffer = new UploadBuffer(pictureBytes, isAnnounced ? 'whole' : 'small')
  }

  /** Bytes of memory that this body takes. */
  get heldBytes(): number {
    return this.#buffer.capacity + this.#skeleton.capacity
  }

  /** Bytes of it that are to be parsed at the end. */
  get textBytes(): number {
    return this.#skeleton.used
  }

  /** Null, or why the rest need not come. */
  push(chunk: Buffer): Refusal | null {
    let at = 0
    while (at < chunk.byteLength && this.#refusal === null) {
      at = this.#string === null ? this.#readStructure(chunk, at) : this.#readString(chunk, at, this.#string)
    }
    return this.#refusal
  }

  end(): JsonBody {
    if (this.#refusal !== null) return this.#refusal
    const json = this.#skeleton.view(0)
    if (!isUtf8(json) || this.#pictures.some(({ outcome }) => outcome === 'not-utf8'))
      return refuse('is not UTF-8')
    if (this.#pictures.some(({ outcome }) => outcome === 'not-json')) return refuse('is not valid JSON')
    const body = parse(json.toString('utf8'))
    if (body.outcome !== 'read') return body
    return { outcome: 'read', value: this.#fill(body.value, this.#fields) as object }
  }

  /** Reads up to and including the next quote. */
  #readStructure(chunk: Buffer, start: number): number {
    for (let at = start; at < chunk.byteLength; at++) {
      const byte = chunk[at] as number
      if (byte === QUOTE) {
        this.#keep(chunk.subarray(start, at + 1))
        this.#beginString()
        return at + 1
      }
      this.#follow(byte)
      if (this.#places.excess !== null) {
        this.#refusal ??= refuse(this.#places.excess)
        return at
      }
    }
    this.#keep(chunk.subarray(start))
    return chunk.byteLength
  }

  #follow(byte: number): void {
    if (byte === COMMA) this.#places.comma()
    else if (byte === COLON) this.#places.colon()
    else if (byte === OPEN_OBJECT) this.#places.open('object')
    else if (byte === OPEN_LIST) this.#places.open('list')
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#places.close()
  }

  #beginString(): void {
    if (this.#places.isPictureHere) this.#string = { kind: 'picture', picture: null }
    else if (this.#places.isNameWanted) this.#string = { kind: 'name', start: this.#skeleton.used }
    else this.#string = { kind: 'text' }
  }

  /** Reads up to and including the closing quote, or to the end of the chunk. */
  #readString(chunk: Buffer, start: number, string: OpenString): number {
    const end = this.#findEnd(chunk, start)
    const raw = chunk.subarray(start, end < 0 ? chunk.byteLength : end)
    if (string.kind !== 'picture') this.#keep(raw)
    else if (raw.byteLength > 0) {
      string.picture ??= new JsonStringPicture(this.#buffer)
      string.picture.push(raw)
    }
    if (end < 0) return chunk.byteLength
    this.#endString(string)
    this.#string = null
    return end + 1
  }

  /** An empty text stays one; another is known by its number. */
  #endString(string: OpenString): void {
    if (string.kind === 'name') this.#places.name(this.#skeleton.view(string.start))
    if (string.kind === 'picture' && string.picture !== null) {
      this.#keep(Buffer.from(String(this.#pictures.length)))
      this.#pictures.push(string.picture.end())
    }
    this.#keep(QUOTE_BYTES)
  }

  /** Index of the closing quote, or -1 if it is not in this chunk. */
  #findEnd(chunk: Buffer, start: number): number {
    let from = start
    if (this.#isEscaped) {
      from++
      this.#isEscaped = false
    }
    for (;;) {
      const quote = chunk.indexOf(QUOTE, from)
      const end = quote < 0 ? chunk.byteLength : quote
      let backslashes = 0
      while (end - 1 - backslashes >= from && chunk[end - 1 - backslashes] === BACKSLASH) backslashes++
      this.#isEscaped = quote < 0 && backslashes % 2 === 1
      if (quote < 0 || backslashes % 2 === 0) return quote
      from = quote + 1
    }
  }

  #keep(part: Buffer): void {
    if (this.#skeleton.append(part)) return
    const problem = `has more than ${MAX_SKELETON_BYTES} bytes beside its pictures`
    this.#refusal ??= { outcome: 'too-large', problem }
  }

  /** Puts the pictures where their numbers stand. Every text in such a place is one, so none can be forged. */
  #fill(value: unknown, fields: PictureFields | null): unknown {
    if (fields === null) return value
    if (typeof value === 'string')
      return fields.isPicture && value !== '' ? this.#pictureAt(Number(value), fields) : value
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map((item) => this.#fill(item, fields.element))
    const holder = value as Record<string, unknown>
    for (const [name, inner] of fields.fields) {
      if (Object.hasOwn(holder, name)) holder[name] = this.#fill(holder[name], inner)
    }
    return holder
  }

  #pictureAt(index: number, { inside }: PictureFields): unknown {
    const picture = this.#pictures[index]
    const isDecoded = picture?.outcome === 'decoded'
    const text = new PictureText(isDecoded ? this.#buffer.view(picture.range.start, picture.range.end) : null)
    return inside === null ? text : { [inside]: text }
  }
}

/** What is too deep or too much in a small JSON text, in words that follow "the body"; null if nothing is. */
export function findShapeProblem(json: Buffer): string | null {
  return new JsonBodyReader(null, 0).push(json)?.problem ?? null
}

type OpenString =
  | { readonly kind: 'text' }
  /** Begins there in the skeleton. */
  | { readonly kind: 'name'; readonly start: number }
  | { readonly kind: 'picture'; picture: JsonStringPicture | null }

function refuse(problem: string): Refusal {
  return { outcome: 'malformed', problem }
}

/** What the text holds, an object or a list, or what is wrong with it. */
function parse(text: string): JsonBody {
  try {
    const value = readJson(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)
    if (typeof value === 'object' && value !== null) return { outcome: 'read', value }
  } catch (error) {
    if (error instanceof RepeatedKey) return refuse(error.message)
  }
  return refuse('is not valid JSON')
}
