import { join } from 'node:path'
import type { RawPicture } from './raw-picture.ts'

/** Formats that libvips, as sharp brings it, does not decode, and that threads of ours do. */
export type ThreadFormat = 'bmp' | 'jp2' | 'heic'

/** A message from the pool to a thread. */
export interface DecoderOrder {
  readonly format: ThreadFormat
  readonly bytes: Uint8Array
  /** The longer side may come smaller than in the file, where that is cheaper, but not smaller than this. */
  readonly minSide: number
  /** Pixels as the header says. */
  readonly pixels: number
}

/** What a thread is started with. */
export interface DecoderSettings {
  /** Folder of libheif-js, if an operator has it. */
  readonly heicDecoder: string | null
}

/** The file of a libheif-js folder that loads its WebAssembly at once. */
export function heicModuleIn(folder: string): string {
  return join(folder, 'wasm-bundle.js')
}

/** A message from a thread to the pool. */
export interface DecoderAnswer {
  /** Null: broken. */
  readonly picture: RawPicture | null
}
