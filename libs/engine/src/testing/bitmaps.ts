export interface Bitmap {
  readonly width: number
  /** Negative: the first row in the file is the top one. */
  readonly height: number
  readonly bitsPerPixel: number
  /** Values of `biCompression`. */
  readonly compression?: number
  /** Red, green, blue; white on black if left out. */
  readonly palette?: readonly (readonly [number, number, number])[]
  /** Red, green, blue, and alpha if there are four. */
  readonly masks?: readonly number[]
  /** As they lie in the file, padding included. */
  readonly pixels: readonly number[] | Uint8Array
  /** 12 for OS/2's, 40 by default; larger ones hold the masks. */
  readonly headerBytes?: number
}

/** A bitmap file with these very bytes for pixels. */
export function bitmapFile(bitmap: Bitmap): Buffer {
  const { headerBytes = 40, palette = [], masks = [], pixels } = bitmap
  const header = headerBytes === 12 ? coreHeader(bitmap) : infoHeader(bitmap, headerBytes)
  const entries = palette.map(([red, green, blue]) =>
    headerBytes === 12 ? [blue, green, red] : [blue, green, red, 0],
  )
  const after = headerBytes === 40 ? Buffer.concat(masks.map(uint32)) : Buffer.alloc(0)
  const colors = Buffer.from(entries.flat())
  const pixelsAt = 14 + header.length + after.length + colors.length
  const file = Buffer.alloc(14)
  file.write('BM', 'latin1')
  file.writeUInt32LE(pixelsAt + pixels.length, 2)
  file.writeUInt32LE(pixelsAt, 10)
  return Buffer.concat([file, header, after, colors, Buffer.from(pixels)])
}

function coreHeader({ width, height, bitsPerPixel }: Bitmap): Buffer {
  const header = Buffer.alloc(12)
  header.writeUInt32LE(12, 0)
  header.writeUInt16LE(width, 4)
  header.writeUInt16LE(height, 6)
  header.writeUInt16LE(1, 8)
  header.writeUInt16LE(bitsPerPixel, 10)
  return header
}

function infoHeader(bitmap: Bitmap, headerBytes: number): Buffer {
  const { width, height, bitsPerPixel, compression = 0, palette = [], masks = [] } = bitmap
  const header = Buffer.alloc(headerBytes)
  header.writeUInt32LE(headerBytes, 0)
  header.writeInt32LE(width, 4)
  header.writeInt32LE(height, 8)
  header.writeUInt16LE(1, 12)
  header.writeUInt16LE(bitsPerPixel, 14)
  header.writeUInt32LE(compression, 16)
  header.writeUInt32LE(palette.length, 32)
  if (headerBytes > 40)
    for (const [index, mask] of masks.entries()) header.writeUInt32LE(mask >>> 0, 40 + index * 4)
  return header
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}
