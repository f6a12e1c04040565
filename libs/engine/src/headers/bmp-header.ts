import type { RawHeader } from '../messages/raw-picture.ts'

/** The place of a channel in a pixel: `(pixel & mask) >>> shift`, at most `max`. */
export interface ChannelMask {
  readonly mask: number
  readonly shift: number
  readonly max: number
}

export interface BmpHeader extends RawHeader {
  readonly isTopDown: boolean
  readonly bitsPerPixel: 1 | 4 | 8 | 16 | 24 | 32
  readonly isRunLength: boolean
  readonly pixelsAt: number
  /** Colors follow each other as blue, green, red, and a spare byte if `entryBytes` is 4. */
  readonly palette: { readonly at: number; readonly entryBytes: 3 | 4; readonly count: number } | null
  /** Red, green, blue, alpha; null where 8 bits a channel lie in the usual order, and for palettes. */
  readonly masks: readonly [ChannelMask, ChannelMask, ChannelMask, ChannelMask] | null
}

const FILE_HEADER_BYTES = 14
/** BITMAPCOREHEADER of OS/2; its palette entries have three bytes. */
const CORE_BYTES = 12
/** BITMAPINFOHEADER, its two extensions by masks, OS/2's own, and versions 4 and 5. */
const INFO_BYTES: readonly number[] = [40, 52, 56, 64, 108, 124]
const DEPTHS: readonly number[] = [1, 4, 8, 16, 24, 32]
/** Values of `biCompression`; JPEG and PNG inside a BMP (4 and 5) are for printers. */
const [RGB, RLE8, RLE4, BITFIELDS, ALPHA_BITFIELDS] = [0, 1, 2, 3, 6]

/** Reads the header of a Windows or OS/2 bitmap, and nothing of the pixels; null if it is none that we decode. */
export function readBmpHeader(bytes: Uint8Array): BmpHeader | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < FILE_HEADER_BYTES + CORE_BYTES) return null
  const headerBytes = view.getUint32(14, true)
  if (headerBytes === CORE_BYTES) return coreHeader(view)
  if (!INFO_BYTES.includes(headerBytes) || bytes.length < FILE_HEADER_BYTES + headerBytes) return null
  return infoHeader(view, headerBytes)
}

function coreHeader(view: DataView): BmpHeader | null {
  const depth = view.getUint16(24, true)
  const size = { width: view.getUint16(18, true), height: view.getUint16(20, true) }
  if (size.width === 0 || size.height === 0 || ![1, 4, 8, 24].includes(depth)) return null
  const bitsPerPixel = depth as BmpHeader['bitsPerPixel']
  const pixelsAt = view.getUint32(10, true)
  const place = { at: FILE_HEADER_BYTES + CORE_BYTES, entryBytes: 3, pixelsAt } as const
  const palette = depth === 24 ? null : paletteOf({ ...place, used: 0, bitsPerPixel })
  const shape = { ...size, channels: 3, isTopDown: false, isRunLength: false }
  return { ...shape, bitsPerPixel, pixelsAt, palette, masks: null }
}

function infoHeader(view: DataView, headerBytes: number): BmpHeader | null {
  const width = view.getInt32(18, true)
  const signedHeight = view.getInt32(22, true)
  const depth = view.getUint16(28, true)
  const compression = view.getUint32(30, true)
  if (width <= 0 || signedHeight === 0 || !DEPTHS.includes(depth)) return null
  if (!isAllowed(compression, depth, signedHeight)) return null
  const bitsPerPixel = depth as BmpHeader['bitsPerPixel']
  const masks = masksOf(view, { headerBytes, depth, compression })
  if (masks === undefined) return null
  const pixelsAt = view.getUint32(10, true)
  const used = view.getUint32(46, true)
  const at = FILE_HEADER_BYTES + headerBytes
  const palette = depth > 8 ? null : paletteOf({ at, entryBytes: 4, pixelsAt, used, bitsPerPixel })
  const size = { width, height: Math.abs(signedHeight), channels: 3 }
  const isRunLength = compression === RLE8 || compression === RLE4
  return { ...size, isTopDown: signedHeight < 0, bitsPerPixel, isRunLength, pixelsAt, palette, masks }
}

function isAllowed(compression: number, depth: number, signedHeight: number): boolean {
  switch (compression) {
    case RGB:
      return true
    case RLE8:
      return depth === 8 && signedHeight > 0
    case RLE4:
      return depth === 4 && signedHeight > 0
    case BITFIELDS:
    case ALPHA_BITFIELDS:
      return depth === 16 || depth === 32
    default:
      return false
  }
}

/** The colors there are between the headers and the pixels, at most as many as an index can name. */
function paletteOf(place: {
  readonly at: number
  readonly entryBytes: 3 | 4
  readonly pixelsAt: number
  readonly used: number
  readonly bitsPerPixel: number
}): BmpHeader['palette'] {
  const { at, entryBytes, pixelsAt, used, bitsPerPixel } = place
  const room = Math.max(0, Math.floor((pixelsAt - at) / entryBytes))
  return { at, entryBytes, count: Math.min(used || 256, 1 << bitsPerPixel, room) }
}

/** Undefined if the masks themselves are cut off. */
function masksOf(
  view: DataView,
  header: { readonly headerBytes: number; readonly depth: number; readonly compression: number },
): BmpHeader['masks'] | undefined {
  const { headerBytes, depth, compression } = header
  if (depth !== 16 && depth !== 32) return null
  // A header without masks means five bits a color of 16, and nothing by the fourth byte of 32.
  if (compression === RGB) return depth === 16 ? maskQuartet([0x7c00, 0x03e0, 0x001f, 0]) : null
  const hasAlpha = headerBytes >= 56 || compression === ALPHA_BITFIELDS
  const at = FILE_HEADER_BYTES + 40
  if (view.byteLength < at + (hasAlpha ? 16 : 12)) return undefined
  const [red, green, blue] = [0, 4, 8].map((offset) => view.getUint32(at + offset, true))
  return maskQuartet([red ?? 0, green ?? 0, blue ?? 0, hasAlpha ? view.getUint32(at + 12, true) : 0])
}

function maskQuartet(masks: readonly [number, number, number, number]): NonNullable<BmpHeader['masks']> {
  const [red, green, blue, alpha] = masks
  return [channelMask(red), channelMask(green), channelMask(blue), channelMask(alpha)]
}

function channelMask(mask: number): ChannelMask {
  if (mask === 0) return { mask, shift: 0, max: 0 }
  const shift = 31 - Math.clz32(mask & -mask)
  return { mask, shift, max: mask >>> shift }
}
