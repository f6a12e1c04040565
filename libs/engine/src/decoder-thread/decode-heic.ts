import { createRequire } from 'node:module'
import { heicModuleIn } from '../messages/decoder-order.ts'
import type { RawPicture } from '../messages/raw-picture.ts'
import { limitWasmMemory } from './limit-wasm-memory.ts'

/** The part of libheif-js that we use. It is not among our packages: its licence is the LGPL. */
interface LibHeif {
  readonly HeifDecoder: new () => { decode(bytes: Uint8Array): readonly HeifImage[] }
}

interface HeifImage {
  /** Upright, as the file's own rotation and mirroring say; EXIF has no say in this format. */
  get_width(): number
  get_height(): number
  is_primary(): boolean | number
  /** Fills `target` with RGBA, and calls back with null if it cannot. */
  display(target: HeifTarget, done: (target: HeifTarget | null) => void): void
}

interface HeifTarget {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number
}

/** Planes, tiles, RGBA and a copy of each; the rest is the library's own. */
const [BYTES_PER_PIXEL, BASE_BYTES] = [24, 96_000_000]

/**
 * Runs in a decoder thread: a hostile file may hang or break the library, and its memory never shrinks. Null for a
 * file that is broken or larger than `maxPixels`.
 */
export async function decodeHeic(
  bytes: Uint8Array,
  { folder, maxPixels }: { readonly folder: string; readonly maxPixels: number },
): Promise<RawPicture | null> {
  limitWasmMemory(BASE_BYTES + bytes.length * 2 + maxPixels * BYTES_PER_PIXEL)
  const { HeifDecoder } = createRequire(import.meta.url)(heicModuleIn(folder)) as LibHeif
  const images = new HeifDecoder().decode(bytes)
  const image = images.find((candidate) => Boolean(candidate.is_primary())) ?? images[0]
  if (image === undefined) return null
  const [width, height] = [image.get_width(), image.get_height()]
  if (width * height > maxPixels) return null
  const target = { data: new Uint8ClampedArray(width * height * 4), width, height }
  const shown = await new Promise<HeifTarget | null>((resolve) => image.display(target, resolve))
  return shown === null ? null : { data: new Uint8Array(shown.data.buffer), width, height, channels: 4 }
}
