import sharp, { type Metadata } from 'sharp'
import type { PictureHeader } from '../../messages/raw-picture.ts'
import type { Storage } from './decoding-cost.ts'

const BYTES_OF_DEPTH: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  double: 8,
  complex: 8,
  dpcomplex: 16,
}
/** The others: int, uint, float. */
const USUAL_DEEP_BYTES = 4

/** Samples of brightness and color that a pixel has where color is stored more coarsely. */
const SAMPLES_OF_SUBSAMPLING: Readonly<Record<string, number>> = { '4:2:0': 1.5, '4:1:1': 1.5, '4:2:2': 2 }

const START_OF_SCAN = Buffer.from([0xff, 0xda])

/** Null for bytes whose header libvips does not understand. */
export async function readVipsHeader(bytes: Uint8Array): Promise<PictureHeader | null> {
  try {
    const metadata = await sharp(bytes, { limitInputPixels: false }).metadata()
    const { autoOrient, channels, hasAlpha } = metadata
    const { width, height } = autoOrient
    return { width, height, channels: channels - (hasAlpha ? 1 : 0), storage: storageOf(metadata, bytes) }
  } catch {
    return null
  }
}

function storageOf(metadata: Metadata, bytes: Uint8Array): Storage {
  const { channels, depth, isProgressive, chromaSubsampling = '', orientation = 1, space } = metadata
  return {
    channels,
    bytesPerSample: BYTES_OF_DEPTH[depth] ?? USUAL_DEEP_BYTES,
    isProgressive,
    scans: isProgressive && metadata.format === 'jpeg' ? countScans(bytes) : 1,
    samplesPerPixel: SAMPLES_OF_SUBSAMPLING[chromaSubsampling] ?? channels,
    isTurned: orientation !== 1,
    isCmyk: space === 'cmyk',
  }
}

/** Each is decoded over the whole picture. A thumbnail's are counted with them. */
function countScans(bytes: Uint8Array): number {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let scans = 0
  for (let at = file.indexOf(START_OF_SCAN); at >= 0; at = file.indexOf(START_OF_SCAN, at + 2)) scans += 1
  return scans
}
