import { type Box, deadlineMissed, type PictureFault, type PictureInfo } from '@semblance/core'
import sharp, { type Sharp, type SharpOptions } from 'sharp'
import { type Pixels, sharedPixels } from '../../geometry/pixels.ts'
import { readBmpHeader } from '../../headers/bmp-header.ts'
import { readJp2Header } from '../../headers/jp2-header.ts'
import type { ThreadFormat } from '../../messages/decoder-order.ts'
import type { PictureHeader, RawHeader } from '../../messages/raw-picture.ts'
import { DECODE_SECONDS, type DecoderThreads } from './decoder-threads.ts'
import { type DecodingCost, decodingCost, type Storage } from './decoding-cost.ts'
import { CONTENT_TYPES, type PictureFormat, pictureFormatOf } from './picture-format.ts'
import { maxPixelsOf } from './picture-weight.ts'
import { readVipsHeader } from './read-vips-header.ts'

/** Transparent parts are shown on white, as a browser does; black would run into dark hair. */
const TRANSPARENT_ON = '#ffffff'

/** Bytes whose header says that they are a picture of a size we take. */
export interface OpenedPicture {
  readonly bytes: Uint8Array
  readonly format: PictureFormat
  /** Upright. */
  readonly info: PictureInfo
  /** Channels of color, as stored: 1 grey, 3 RGB, 4 CMYK; transparency is none. */
  readonly channels: number
  readonly cost: DecodingCost
  /** Threads for formats that libvips does not decode. */
  readonly decoders: DecoderThreads
}

export interface OpenPictureDeps {
  readonly maxPixels: number
  /** A picture that takes more memory than this to decode is refused. */
  readonly maxDecodingBytes: number
  readonly decoders: DecoderThreads
}

/** Reads the header only, and weighs by it what decoding will cost. */
export async function openPicture(
  bytes: Uint8Array,
  { maxPixels, maxDecodingBytes, decoders }: OpenPictureDeps,
): Promise<OpenedPicture | PictureFault> {
  const format = pictureFormatOf(bytes)
  if (format === null || (format === 'heic' && !decoders.takesHeic)) return { outcome: 'undecodable' }
  const header = await headerOf(bytes, format)
  if (header === null) return { outcome: 'undecodable' }
  const { width, height, channels, storage } = header
  const pixels = width * height
  if (pixels > maxPixels) return { outcome: 'too-many-pixels', maxPixels }
  const cost = decodingCost({ format, width, height, fileBytes: bytes.length, storage })
  const affordable = maxPixelsOf(cost, { pixels, maxBytes: maxDecodingBytes })
  if (affordable !== null) return { outcome: 'too-many-pixels', maxPixels: affordable }
  return {
    bytes,
    format,
    info: { contentType: CONTENT_TYPES[format], width, height },
    channels,
    cost,
    decoders,
  }
}

async function headerOf(bytes: Uint8Array, format: PictureFormat): Promise<PictureHeader | null> {
  // libvips reads the headers of HEIC, and only them; the rotation that they give is in the size.
  if (format !== 'bmp' && format !== 'jp2') return readVipsHeader(bytes)
  const header: RawHeader | null = format === 'bmp' ? readBmpHeader(bytes) : readJp2Header(bytes)
  return header === null ? null : { ...header, storage: plainStorage(header.channels) }
}

function plainStorage(channels: number): Storage {
  const plain = { isProgressive: false, isTurned: false, isCmyk: false, bytesPerSample: 1, scans: 1 }
  return { ...plain, channels, samplesPerPixel: channels }
}

/**
 * The whole picture upright, sRGB, opaque, no side longer than `maxSide`, never enlarged. Null when the bytes after
 * the header are broken.
 */
export function decodeWhole(picture: OpenedPicture, maxSide: number): Promise<Pixels | null> {
  const size = { width: maxSide, height: maxSide }
  return decodePixels({ ...picture, minSide: maxSide }, (image) => fitInside(image, size))
}

/** A part of whole upright pixels, shrunk to `size` where that is smaller. */
export function decodeRegion(
  picture: OpenedPicture,
  region: Box,
  size: { readonly width: number; readonly height: number },
): Promise<Pixels | null> {
  const { x: left, y: top, width, height } = region
  return decodePixels(picture, (image) => fitInside(image.extract({ left, top, width, height }), size))
}

/** Re-encoded as JPEG: upright, sRGB, opaque, without metadata. Null when the bytes after the header are broken. */
export function encodeInside(
  picture: OpenedPicture,
  size: { readonly width: number | null; readonly height: number | null },
  quality: number,
): Promise<{ readonly bytes: Uint8Array; readonly width: number; readonly height: number } | null> {
  return attempt(picture, async (image) => {
    const { data, info } = await fitInside(image, size)
      .jpeg({ quality })
      .toBuffer({ resolveWithObject: true })
    return { bytes: data, width: info.width, height: info.height }
  })
}

/** What is asked of a decoder. */
interface Decoding extends OpenedPicture {
  /** The length of the longer side, where a smaller picture than the whole will do. */
  readonly minSide?: number
}

function decodePixels(picture: Decoding, shape: (image: Sharp) => Sharp): Promise<Pixels | null> {
  return attempt(picture, async (image) => {
    const { data, info } = await shape(image).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true })
    if (info.channels !== 3) return null
    const pixels = sharedPixels(info.width, info.height)
    pixels.data.set(data)
    return pixels
  })
}

/**
 * A picture cut short is broken, other blemishes are not: phones and old software write JPEGs with stray bytes. The
 * commonest blemish of all, a JPEG without its end mark, looks cut short; with the mark put back it must then be
 * faultless.
 */
async function attempt<T>(picture: Decoding, use: (image: Sharp) => Promise<T | null>): Promise<T | null> {
  if (isThreadFormat(picture.format)) return attemptOnThread(picture, picture.format, use)
  const first = await tryUse(uprightImage(picture.bytes, { failOn: 'truncated' }), use)
  if (first !== null || picture.format !== 'jpeg' || hasJpegEnd(picture.bytes)) return first
  return tryUse(uprightImage(withJpegEnd(picture.bytes), { failOn: 'warning' }), use)
}

async function attemptOnThread<T>(
  { bytes, decoders, info, minSide = Number.POSITIVE_INFINITY }: Decoding,
  format: ThreadFormat,
  use: (image: Sharp) => Promise<T | null>,
): Promise<T | null> {
  const pixels = info.width * info.height
  const raw = await decoders.decode({ format, bytes, minSide, pixels })
  // A header that says otherwise than the picture itself has misled the pixel limit.
  if (raw === null || raw.width > info.width || raw.height > info.height) return null
  const { data, width, height, channels } = raw
  return tryUse(uprightImage(data, { raw: { width, height, channels } }), use)
}

async function tryUse<T>(image: Sharp, use: (image: Sharp) => Promise<T | null>): Promise<T | null> {
  try {
    return await use(image)
  } catch (error) {
    // The weight bounds the work: a picture that takes so long nevertheless met a machine that has no time for it.
    if (error instanceof Error && error.message.startsWith('timeout:')) throw deadlineMissed('decoding', 1)
    // Whatever else libvips complains of is the picture's fault: the bytes come from outside, the calls do not.
    return null
  }
}

function uprightImage(bytes: Uint8Array, options: SharpOptions): Sharp {
  // The caller has judged the header; libvips judges what the header did not say.
  return sharp(bytes, { ...options, autoOrient: true, limitInputPixels: false })
    .timeout({ seconds: DECODE_SECONDS })
    .flatten({ background: TRANSPARENT_ON })
    .toColourspace('srgb')
}

function fitInside(
  image: Sharp,
  size: { readonly width: number | null; readonly height: number | null },
): Sharp {
  const { width, height } = size
  const sides = { ...(width === null ? {} : { width }), ...(height === null ? {} : { height }) }
  return image.resize({ ...sides, fit: 'inside', withoutEnlargement: true })
}

const THREAD_FORMATS: ReadonlySet<PictureFormat> = new Set(['bmp', 'jp2', 'heic'] satisfies ThreadFormat[])

function isThreadFormat(format: PictureFormat): format is ThreadFormat {
  return THREAD_FORMATS.has(format)
}

function hasJpegEnd(bytes: Uint8Array): boolean {
  return bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9
}

function withJpegEnd(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 2)
  whole.set(bytes)
  whole.set([0xff, 0xd9], bytes.length)
  return whole
}
