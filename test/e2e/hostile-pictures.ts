import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

/** A PNG of one bit a pixel, all black: 100 KB that unfold to `width * height / 8` bytes and more. */
export function bombPng(width: number, height: number): Buffer {
  const rows = Buffer.alloc((Math.ceil(width / 8) + 1) * height)
  return png({ width, height }, deflateSync(rows, { level: 1 }))
}

/** A PNG of 24 bits a pixel, all black: a decoder that works by lines has one that is huge, or millions. */
export function thinPng(width: number, height: number): Buffer {
  const rows = Buffer.alloc((3 * width + 1) * height)
  return png({ width, height, bits: 8, color: 2 }, deflateSync(rows, { level: 1 }))
}

/** A PNG whose header promises what never comes. */
export function emptyPng(width: number, height: number): Buffer {
  return png({ width, height }, Buffer.alloc(0))
}

interface PngHeader {
  readonly width: number
  readonly height: number
  readonly bits?: number
  readonly color?: number
}

function png({ width, height, bits = 1, color = 0 }: PngHeader, data: Buffer): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header[8] = bits
  header[9] = color
  return Buffer.concat([
    PNG_SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'ascii'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.byteLength)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

/** The JPEG with another size in its frame header. */
export function resizedInHeaderOnly(jpeg: Buffer, width: number, height: number): Buffer {
  const frame = jpeg.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(jpeg[i + 1] ?? 0))
  const forged = Buffer.from(jpeg)
  forged.writeUInt16BE(height, frame + 5)
  forged.writeUInt16BE(width, frame + 7)
  return forged
}

/** A GIF of one pixel that claims a screen of 65535 x 65535. */
export function hugeScreenGif(): Buffer {
  const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64')
  gif.writeUInt16LE(65_535, 6)
  gif.writeUInt16LE(65_535, 8)
  return gif
}

/** 32 x 24 pixels, a slope of three colors. */
export const JP2 = Buffer.from(
  [
    'AAAADGpQICANCocKAAAAFGZ0eXBqcDIgAAAAAGpwMiAAAAAtanAyaAAAABZpaGRyAAAAGAAAACAAAwcHAAAAAAAPY29scgEA',
    'AAAAABAAAACwanAyY/9P/1EALwAAAAAAIAAAABgAAAAAAAAAAAAAACAAAAAYAAAAAAAAAAAAAwcBAQcBAQcBAf9SAAwAAAAB',
    'AAQEBAAB/1wAEEBASEhQSEhQSEhQSEhQ/2QAJQABQ3JlYXRlZCBieSBPcGVuSlBFRyB2ZXJzaW9uIDIuNS40/5AACgAAAAAA',
    'LAAB/5PfeCAJVu+73zBABpFbOYDEQA0CgICAgICAgICAgID/2Q==',
  ].join(''),
  'base64',
)

/** As much of a HEIC as tells what it is. */
export const HEIC = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')

export const SVG = Buffer.from(
  `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>
  <svg xmlns="http://www.w3.org/2000/svg" width="500" height="500"><text y="50">&x;</text></svg>`,
)

export const PDF = Buffer.from(
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF',
)

/** Two frames, the first one the photo. */
export async function animated(photo: Buffer, format: 'gif' | 'webp'): Promise<Buffer> {
  const still = await sharp(photo).resize(250, 250).toBuffer()
  const grey = await sharp({ create: { width: 250, height: 250, channels: 3, background: '#777' } })
    .png()
    .toBuffer()
  return sharp([still, grey], { join: { animated: true } })
    .toFormat(format)
    .toBuffer()
}

/** Pseudo-random damage: the same for the same seed. */
export function damaged(bytes: Buffer, seed: number): Buffer {
  const copy = Buffer.from(bytes)
  let state = seed * 2_654_435_761 + 1
  for (let i = 0; i < 20; i++) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    copy[Math.floor((state / 2_147_483_648) * copy.length)] = state & 0xff
  }
  return copy
}

/** Small ones, of every kind that is read and some that are not. */
export async function somePictures(): Promise<Buffer[]> {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const
  const plain = sharp({ create: { width: 120, height: 90, channels: 3, background: '#a08060', noise } })
  const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const
  const made = await Promise.all(formats.map((format) => plain.clone().toFormat(format).toBuffer()))
  return [
    ...made,
    aBitmap(),
    JP2,
    emptyPng(60_000, 60_000),
    hugeScreenGif(),
    SVG,
    PDF,
    Buffer.from('no picture'),
  ]
}

/** 24 bits, two pixels by two. */
export function aBitmap(): Buffer {
  const bytes = Buffer.alloc(70)
  bytes.write('BM')
  bytes.writeUInt32LE(70, 2)
  bytes.writeUInt32LE(54, 10)
  bytes.writeUInt32LE(40, 14)
  bytes.writeInt32LE(2, 18)
  bytes.writeInt32LE(2, 22)
  bytes.writeUInt16LE(1, 26)
  bytes.writeUInt16LE(24, 28)
  return bytes
}

/** Cut, spliced, beheaded, or with bytes changed; the same for the same salt. */
export function harmed(picture: Buffer, harm: string, salt: number): Buffer {
  const at = salt % picture.length
  switch (harm) {
    case 'cut':
      return picture.subarray(0, at)
    case 'headless':
      return picture.subarray(at)
    case 'spliced':
      return Buffer.concat([picture.subarray(0, at), picture])
    default:
      return damaged(picture, salt % 10_000)
  }
}
