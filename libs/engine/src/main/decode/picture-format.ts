import type { ThreadFormat } from '../../messages/decoder-order.ts'

/** What libvips decodes, as sharp brings it. */
export type VipsFormat = 'jpeg' | 'png' | 'webp' | 'tiff' | 'gif' | 'avif'

export type PictureFormat = VipsFormat | ThreadFormat

export const CONTENT_TYPES = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  tiff: 'image/tiff',
  gif: 'image/gif',
  avif: 'image/avif',
  bmp: 'image/bmp',
  jp2: 'image/jp2',
  heic: 'image/heic',
} as const satisfies Record<PictureFormat, string>

/** Bytes at an offset by which a format is known; Latin-1 text. */
interface Signature {
  readonly format: PictureFormat
  readonly marks: readonly { readonly at: number; readonly text: string }[]
}

const SIGNATURES: readonly Signature[] = [
  { format: 'jpeg', marks: [{ at: 0, text: '\xff\xd8\xff' }] },
  { format: 'png', marks: [{ at: 0, text: '\x89PNG\r\n\x1a\n' }] },
  {
    format: 'webp',
    marks: [
      { at: 0, text: 'RIFF' },
      { at: 8, text: 'WEBP' },
    ],
  },
  { format: 'tiff', marks: [{ at: 0, text: 'II*\0' }] },
  { format: 'tiff', marks: [{ at: 0, text: 'MM\0*' }] },
  // BigTIFF
  { format: 'tiff', marks: [{ at: 0, text: 'II+\0' }] },
  { format: 'tiff', marks: [{ at: 0, text: 'MM\0+' }] },
  { format: 'gif', marks: [{ at: 0, text: 'GIF87a' }] },
  { format: 'gif', marks: [{ at: 0, text: 'GIF89a' }] },
  {
    format: 'bmp',
    marks: [
      { at: 0, text: 'BM' },
      // The upper bytes of the sizes of all known headers: two letters alone begin many a text.
      { at: 15, text: '\0\0\0' },
    ],
  },
  // Signature box, and a file type box whose brand is the base format's.
  {
    format: 'jp2',
    marks: [
      { at: 0, text: '\0\0\0\x0cjP  \r\n\x87\n' },
      { at: 16, text: 'ftypjp2 ' },
    ],
  },
]

const AVIF_BRANDS: ReadonlySet<string> = new Set(['avif', 'avis'])
/** Stills and sequences of HEVC, each in its main and in its deeper profiles. */
const HEIC_BRANDS: ReadonlySet<string> = new Set(['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx'])

/**
 * Tells the format by the first bytes alone: names and declared types lie. Null for everything we do not decode, SVG
 * and PDF too.
 */
export function pictureFormatOf(bytes: Uint8Array): PictureFormat | null {
  for (const { format, marks } of SIGNATURES) {
    if (marks.every(({ at, text }) => latin1(bytes, at, text.length) === text)) return format
  }
  if (hasBrand(bytes, AVIF_BRANDS)) return 'avif'
  return hasBrand(bytes, HEIC_BRANDS) ? 'heic' : null
}

/** ISO base media: the brand or one of the compatible brands in the leading `ftyp` box. */
function hasBrand(bytes: Uint8Array, brands: ReadonlySet<string>): boolean {
  if (latin1(bytes, 4, 4) !== 'ftyp') return false
  const size = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
  if (brands.has(latin1(bytes, 8, 4))) return true
  for (let at = 16; at + 4 <= Math.min(size, bytes.length); at += 4) {
    if (brands.has(latin1(bytes, at, 4))) return true
  }
  return false
}

function latin1(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length))
}
