import { markJson } from './json-text.ts'

/** Written at once; a multiple of three, so that Base64 needs no padding in between. */
const SLICE_BYTES = 196_608

const NONE: ReadonlyMap<string, Uint8Array> = new Map()

/** A string goes out as it is, bytes as Base64. */
type Part = string | Uint8Array

/**
 * A JSON text with pictures and the JSON texts of others in it, made slice by slice: the whole of a large answer would take
 * three times its memory, and the event loop for as long as it takes to write it.
 */
export class JsonContents {
  readonly byteLength: number
  readonly #parts: readonly Part[]

  /** @param contents bytes by the text in `value` that their Base64 takes the place of; no other text holds one of these */
  constructor(value: object, contents = NONE) {
    const { json, piecesOf } = markJson(value)
    const fill = (part: Part): readonly Part[] => (typeof part === 'string' ? piecesOf(part) : [part])
    this.#parts = partsOf(json, contents).flatMap(fill)
    this.byteLength = this.#parts.reduce((sum, part) => sum + bytesOf(part), 0)
  }

  *slices(): Generator<Uint8Array> {
    let texts: string[] = []
    let length = 0
    for (const part of this.#parts) {
      if (typeof part === 'string') {
        texts.push(part)
        length += part.length
        if (length < SLICE_BYTES) continue
      }
      yield* slicesOf(Buffer.from(texts.join('')), SLICE_BYTES)
      texts = []
      length = 0
      if (typeof part !== 'string') yield* base64Slices(part)
    }
    yield* slicesOf(Buffer.from(texts.join('')), SLICE_BYTES)
  }
}

/** The length of so many bytes in Base64. */
export function base64Bytes(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

function bytesOf(part: Part): number {
  return typeof part === 'string' ? Buffer.byteLength(part) : base64Bytes(part.byteLength)
}

export function* slicesOf(bytes: Uint8Array, sliceBytes: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += sliceBytes) yield bytes.subarray(at, at + sliceBytes)
}

function* base64Slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (const { buffer, byteOffset, byteLength } of slicesOf(bytes, SLICE_BYTES))
    yield Buffer.from(Buffer.from(buffer, byteOffset, byteLength).toString('base64'), 'latin1')
}

function partsOf(text: string, contents: ReadonlyMap<string, Uint8Array>): readonly Part[] {
  const parts: Part[] = []
  let from = 0
  const places = [...contents].map(([mark, bytes]) => ({ mark, bytes, at: text.indexOf(mark) }))
  for (const { mark, bytes, at } of places.filter((place) => place.at >= 0).toSorted((a, b) => a.at - b.at)) {
    parts.push(text.slice(from, at), bytes)
    from = at + mark.length
  }
  return [...parts, text.slice(from)]
}
