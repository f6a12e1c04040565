import { type BmpHeader, type ChannelMask, readBmpHeader } from '../headers/bmp-header.ts'
import type { RawPicture } from '../messages/raw-picture.ts'

/** Null for a bitmap that is none, or that ends before its pixels do. */
export function decodeBmp(bytes: Uint8Array): RawPicture | null {
  const header = readBmpHeader(bytes)
  if (header === null) return null
  if (header.palette === null) return decodeColors(bytes, header)
  const indices = header.isRunLength ? expandRuns(bytes, header) : unpackIndices(bytes, header)
  return indices === null ? null : paint(indices, paletteColors(bytes, header), header)
}

/** Bytes from one row to the next: whole groups of four. */
function strideOf({ width, bitsPerPixel }: BmpHeader): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4
}

/** The last row may lack its padding. */
function hasAllRows(bytes: Uint8Array, header: BmpHeader): boolean {
  const lastRow = Math.ceil((header.width * header.bitsPerPixel) / 8)
  return header.pixelsAt + strideOf(header) * (header.height - 1) + lastRow <= bytes.length
}

/** The position at which row `y` of the picture begins in the file. */
function rowAt(header: BmpHeader, y: number): number {
  const row = header.isTopDown ? y : header.height - 1 - y
  return header.pixelsAt + row * strideOf(header)
}

function decodeColors(bytes: Uint8Array, header: BmpHeader): RawPicture | null {
  if (!hasAllRows(bytes, header)) return null
  return header.masks === null ? decodeBytes(bytes, header) : decodeMasked(bytes, header, header.masks)
}

function decodeBytes(bytes: Uint8Array, header: BmpHeader): RawPicture {
  const { width, height } = header
  const step = header.bitsPerPixel / 8
  const data = new Uint8Array(width * height * 3)
  let to = 0
  for (let y = 0; y < height; y++) {
    let from = rowAt(header, y)
    for (let x = 0; x < width; x++, from += step) {
      data[to++] = bytes[from + 2] ?? 0
      data[to++] = bytes[from + 1] ?? 0
      data[to++] = bytes[from] ?? 0
    }
  }
  return { data, width, height, channels: 3 }
}

function decodeMasked(
  bytes: Uint8Array,
  header: BmpHeader,
  masks: NonNullable<BmpHeader['masks']>,
): RawPicture {
  const { width, height } = header
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isWide = header.bitsPerPixel === 32
  const channels = masks[3].mask === 0 ? 3 : 4
  const data = new Uint8Array(width * height * channels)
  let opaque = 0
  let to = 0
  for (let y = 0; y < height; y++) {
    let from = rowAt(header, y)
    for (let x = 0; x < width; x++, from += isWide ? 4 : 2) {
      const pixel = isWide ? view.getUint32(from, true) : view.getUint16(from, true)
      for (let channel = 0; channel < channels; channel++) data[to++] = scaledValue(pixel, masks[channel])
      opaque |= channels === 4 ? (data[to - 1] ?? 0) : 0
    }
  }
  // Programs that know nothing of transparency leave that channel empty: all invisible means all visible.
  if (channels === 4 && opaque === 0) for (let at = 3; at < data.length; at += 4) data[at] = 255
  return { data, width, height, channels }
}

function scaledValue(pixel: number, channel: ChannelMask | undefined): number {
  if (channel === undefined || channel.max === 0) return 0
  return Math.round((((pixel & channel.mask) >>> channel.shift) * 255) / channel.max)
}

function unpackIndices(bytes: Uint8Array, header: BmpHeader): Uint8Array | null {
  if (!hasAllRows(bytes, header)) return null
  const { width, height, bitsPerPixel } = header
  const indices = new Uint8Array(width * height)
  const perByte = 8 / bitsPerPixel
  const mask = (1 << bitsPerPixel) - 1
  for (let y = 0; y < height; y++) {
    const from = rowAt(header, y)
    for (let x = 0; x < width; x++) {
      const byte = bytes[from + Math.floor(x / perByte)] ?? 0
      indices[y * width + x] = (byte >> (8 - bitsPerPixel * ((x % perByte) + 1))) & mask
    }
  }
  return indices
}

/** Second bytes of an escape (0, n) in a run-length stream; larger ones count literal pixels. */
const [END_OF_LINE, END_OF_BITMAP, MOVE] = [0, 1, 2]

/** Pixels that no run reaches stay at index 0. Null if the stream ends before the picture does. */
function expandRuns(bytes: Uint8Array, header: BmpHeader): Uint8Array | null {
  const { width, height } = header
  const isNibbles = header.bitsPerPixel === 4
  const indices = new Uint8Array(width * height)
  let [at, x, row] = [header.pixelsAt, 0, 0]
  const put = (index: number): void => {
    if (x < width && row < height) indices[(height - 1 - row) * width + x] = index
    x += 1
  }
  while (at + 1 < bytes.length && row < height) {
    const count = bytes[at] ?? 0
    const code = bytes[at + 1] ?? 0
    at += 2
    if (count > 0) {
      for (let run = 0; run < count; run++) put(isNibbles ? nibble(code, run) : code)
    } else if (code === END_OF_BITMAP) {
      return indices
    } else if (code === END_OF_LINE) {
      ;[x, row] = [0, row + 1]
    } else if (code === MOVE) {
      x += bytes[at] ?? 0
      row += bytes[at + 1] ?? 0
      at += 2
    } else {
      for (let run = 0; run < code; run++)
        put(isNibbles ? nibble(bytes[at + (run >> 1)] ?? 0, run) : (bytes[at + run] ?? 0))
      // Literal pixels fill whole groups of two bytes.
      at += Math.ceil(Math.ceil(isNibbles ? code / 2 : code) / 2) * 2
    }
  }
  return row >= height ? indices : null
}

/** The left pixel is in the upper half. */
function nibble(byte: number, index: number): number {
  return index % 2 === 0 ? byte >> 4 : byte & 15
}

/** RGB by index; black for an index without a color. */
function paletteColors(bytes: Uint8Array, { palette }: BmpHeader): Uint8Array {
  const colors = new Uint8Array(256 * 3)
  if (palette === null) return colors
  for (let index = 0; index < palette.count; index++) {
    const from = palette.at + index * palette.entryBytes
    colors.set([bytes[from + 2] ?? 0, bytes[from + 1] ?? 0, bytes[from] ?? 0], index * 3)
  }
  return colors
}

function paint(indices: Uint8Array, colors: Uint8Array, { width, height }: BmpHeader): RawPicture {
  const data = new Uint8Array(indices.length * 3)
  for (let at = 0; at < indices.length; at++) {
    const color = (indices[at] ?? 0) * 3
    data[at * 3] = colors[color] ?? 0
    data[at * 3 + 1] = colors[color + 1] ?? 0
    data[at * 3 + 2] = colors[color + 2] ?? 0
  }
  return { data, width, height, channels: 3 }
}
