import { createRequire } from 'node:module'

interface Encoder {
  getDecodedBuffer(frame: object): Uint8Array
  setQuality(isLossless: boolean, ratio: number): void
  setDecompositions(halvings: number): void
  encode(): void
  getEncodedBuffer(): Uint8Array
  delete(): void
}

type LoadOpenJpeg = (settings: object) => Promise<{ readonly J2KEncoder: new () => Encoder }>

// Written as a CommonJS module without types.
const load = createRequire(import.meta.url)('@cornerstonejs/codec-openjpeg/wasmjs') as LoadOpenJpeg
/** Can be loaded only once. */
const loading = load({ print: () => {}, printErr: () => {} })

export interface Samples {
  readonly width: number
  readonly height: number
  readonly components: 1 | 3
  readonly bitsPerSample?: number
  /** Interleaved; two bytes each, low one first, for more than 8 bits. */
  readonly data: Uint8Array
}

/** A lossless codestream without the boxes of a file. */
export async function codestreamOf(samples: Samples): Promise<Buffer> {
  const { width, height, components, bitsPerSample = 8, data } = samples
  const encoder = new (await loading).J2KEncoder()
  const frame = { width, height, bitsPerSample, componentCount: components, isSigned: false }
  encoder.getDecodedBuffer({ ...frame, isUsingColorTransform: components === 3 }).set(data)
  encoder.setQuality(true, 0)
  encoder.setDecompositions(3)
  encoder.encode()
  const codestream = Buffer.from(encoder.getEncodedBuffer())
  encoder.delete()
  return codestream
}

/** A JP2 file; `boxes` go into its header box, after the size and the color space. */
export async function jp2File(samples: Samples, boxes: readonly Buffer[] = []): Promise<Buffer> {
  return jp2FileAround(await codestreamOf(samples), samples, boxes)
}

export function jp2FileAround(
  codestream: Buffer,
  { width, height, components, bitsPerSample = 8 }: Omit<Samples, 'data'>,
  boxes: readonly Buffer[] = [],
): Buffer {
  const ihdr = Buffer.alloc(14)
  ihdr.writeUInt32BE(height, 0)
  ihdr.writeUInt32BE(width, 4)
  ihdr.writeUInt16BE(components, 8)
  ihdr.set([bitsPerSample - 1, 7, 0, 0], 10)
  // Enumerated color spaces: 16 sRGB, 17 grey.
  const colr = Buffer.from([1, 0, 0, 0, 0, 0, components === 3 ? 16 : 17])
  return Buffer.concat([
    box('jP  ', Buffer.from('\r\n\x87\n', 'latin1')),
    box('ftyp', Buffer.from('jp2 \0\0\0\0jp2 ', 'latin1')),
    box('jp2h', Buffer.concat([box('ihdr', ihdr), box('colr', colr), ...boxes])),
    box('jp2c', codestream),
  ])
}

export function box(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt32BE(8 + content.length)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, content])
}
