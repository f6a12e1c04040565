import { createRequire } from 'node:module'
import { readJp2Header } from '../headers/jp2-header.ts'
import type { RawPicture } from '../messages/raw-picture.ts'
import { limitWasmMemory } from './limit-wasm-memory.ts'

/** OpenJPEG compiled to WebAssembly; the part of its interface that we use. */
interface OpenJpeg {
  readonly J2KDecoder: new () => {
    /** Memory to put the file into. */
    getEncodedBuffer(bytes: number): Uint8Array
    /** Says nothing if it fails: the decoded buffer is empty then. */
    decodeSubResolution(halvings: number, layers: number): void
    getDecodedBuffer(): Uint8ClampedArray<ArrayBuffer>
    getFrameInfo(): {
      readonly bitsPerSample: number
      readonly componentCount: number
      readonly isSigned: boolean
    }
    delete(): void
  }
}

type LoadOpenJpeg = (settings: {
  readonly print: () => void
  readonly printErr: () => void
}) => Promise<OpenJpeg>

let loading: Promise<OpenJpeg> | null = null

/**
 * Samples are 4 bytes while they are worked on: 6 bytes each were measured at 12 megapixels, and conversion from sYCC
 * takes a copy. The rest is the library's own.
 */
const [BYTES_PER_SAMPLE, BASE_BYTES] = [12, 64_000_000]
const ALL_LAYERS = 0

/**
 * Runs in a decoder thread: a hostile file may hang or break the library, and its memory never shrinks. The picture
 * comes halved as often as possible with its longer side at least `minSide`. Null for a file that is broken.
 */
export async function decodeJp2(bytes: Uint8Array, minSide: number): Promise<RawPicture | null> {
  const header = readJp2Header(bytes)
  if (header === null) return null
  const samples = header.width * header.height * header.channels
  limitWasmMemory(BASE_BYTES + bytes.length * 2 + samples * BYTES_PER_SAMPLE)
  loading ??= loadOpenJpeg()
  const { J2KDecoder } = await loading
  const decoder = new J2KDecoder()
  decoder.getEncodedBuffer(bytes.length).set(bytes)
  const halved = halvingsFor(header, minSide)
  decoder.decodeSubResolution(halved, ALL_LAYERS)
  const [width, height] = [header.width, header.height].map((side) => Math.ceil(side / 2 ** halved))
  if (width === undefined || height === undefined) return null
  const picture = readDecoded(decoder, { width, height })
  decoder.delete()
  return picture
}

function loadOpenJpeg(): Promise<OpenJpeg> {
  // The package is a CommonJS module without types.
  const load = createRequire(import.meta.url)('@cornerstonejs/codec-openjpeg/decodewasmjs') as LoadOpenJpeg
  return load({ print: () => {}, printErr: () => {} })
}

function halvingsFor(
  header: { readonly width: number; readonly height: number; readonly halvings: number },
  minSide: number,
): number {
  let halvings = 0
  const side = Math.max(header.width, header.height)
  while (halvings < header.halvings && Math.ceil(side / 2 ** (halvings + 1)) >= minSide) halvings += 1
  return halvings
}

function readDecoded(
  decoder: InstanceType<OpenJpeg['J2KDecoder']>,
  size: { readonly width: number; readonly height: number },
): RawPicture | null {
  const decoded = decoder.getDecodedBuffer()
  const { bitsPerSample, componentCount, isSigned } = decoder.getFrameInfo()
  const pixels = size.width * size.height
  const isWide = bitsPerSample > 8
  if (isSigned || (componentCount !== 1 && componentCount !== 3) || (isWide && componentCount === 3))
    return null
  if (decoded.length !== pixels * componentCount * (isWide ? 2 : 1)) return null
  const data = isWide ? narrow(decoded, bitsPerSample) : widen(decoded, bitsPerSample)
  return { ...size, data, channels: componentCount }
}

/** Turns values of 9 to 16 bits, low byte first, into 8. */
function narrow(decoded: Uint8ClampedArray<ArrayBuffer>, bits: number): Uint8Array<ArrayBuffer> {
  const samples = new Uint16Array(decoded.buffer, decoded.byteOffset, decoded.length / 2)
  const max = 2 ** bits - 1
  return Uint8Array.from(samples, (sample) => Math.min(255, Math.round((sample * 255) / max)))
}

function widen(decoded: Uint8ClampedArray<ArrayBuffer>, bits: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.length)
  return bits === 8 ? data : data.map((sample) => Math.min(255, Math.round((sample * 255) / (2 ** bits - 1))))
}
