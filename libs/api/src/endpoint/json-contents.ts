import { writeJson } from './json-text.ts'

/** Written at once; a multiple of three, so that Base64 needs no padding in between. */
const SLICE_BYTES = 196_608

/**
 * A JSON text with pictures in it, made slice by slice: the whole text of a large answer would take three times its pictures'
 * memory, and the event loop for as long as it takes to write it.
 */
export class JsonContents {
  readonly byteLength: number
  /** The parts are in turn text, picture, text, ... */
  readonly #parts: readonly (Buffer | Uint8Array)[]

  /** @param contents bytes by the text in `value` that their Base64 takes the place of; no other text holds one of these */
  constructor(value: object, contents: ReadonlyMap<string, Uint8Array>) {
    this.#parts = partsOf(writeJson(value), contents)
    const sizes = this.#parts.map((part, n) => (n % 2 === 0 ? part.byteLength : base64Bytes(part.byteLength)))
    this.byteLength = sizes.reduce((sum, size) => sum + size, 0)
  }

  *slices(): Generator<Buffer> {
    for (const [n, part] of this.#parts.entries()) {
      for (let at = 0; at < part.byteLength; at += SLICE_BYTES) {
        const slice = Buffer.from(
          part.buffer,
          part.byteOffset + at,
          Math.min(SLICE_BYTES, part.byteLength - at),
        )
        yield n % 2 === 0 ? slice : Buffer.from(slice.toString('base64'), 'latin1')
      }
    }
  }
}

/** The length of so many bytes in Base64. */
export function base64Bytes(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

function partsOf(text: string, contents: ReadonlyMap<string, Uint8Array>): readonly (Buffer | Uint8Array)[] {
  const parts: (Buffer | Uint8Array)[] = []
  let from = 0
  const places = [...contents].map(([mark, bytes]) => ({ mark, bytes, at: text.indexOf(mark) }))
  for (const { mark, bytes, at } of places.filter((place) => place.at >= 0).toSorted((a, b) => a.at - b.at)) {
    parts.push(Buffer.from(text.slice(from, at)), bytes)
    from = at + mark.length
  }
  return [...parts, Buffer.from(text.slice(from))]
}
