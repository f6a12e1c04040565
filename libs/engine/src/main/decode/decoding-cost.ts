import type { PictureFormat } from './picture-format.ts'

/** What a header tells of how a picture is stored, as far as it decides what decoding costs. */
export interface Storage {
  /** Transparency included. */
  readonly channels: number
  readonly bytesPerSample: number
  /** Interlaced, or coming in scans that each cover the whole. */
  readonly isProgressive: boolean
  readonly scans: number
  /** Samples of all channels a pixel, where color is stored more coarsely; else as many as there are channels. */
  readonly samplesPerPixel: number
  /** EXIF turns or mirrors it, so that no line can be given out before all are there. */
  readonly isTurned: boolean
  readonly isCmyk: boolean
}

export interface DecodingCost {
  /** Peak of memory beside the file. */
  readonly bytes: number
  /** Milliseconds of one processor of the machine on which it was measured. */
  readonly ms: number
}

interface PictureToWeigh {
  readonly format: PictureFormat
  readonly width: number
  readonly height: number
  readonly fileBytes: number
  readonly storage: Storage
}

/** What grows with the pixels of the file. */
interface Rates {
  readonly bytesPerPixel: number
  readonly nsPerPixel: number
  /** Nanoseconds for each byte of the file. */
  readonly nsPerByte: number
  readonly baseBytes: number
}

const PLAIN = { bytesPerPixel: 0, nsPerByte: 0, baseBytes: 0 }

/**
 * `npm run bench -- decoding` measures them: the larger of decoding the whole at working size and of cutting out a part,
 * 12 and 49 megapixels, plain and noisy, sharp 0.35.5 on the machine of docs/performance.md. JPEG 2000 and HEIC: what their
 * WebAssembly is limited to; their times are estimates.
 */
const RATES = {
  jpeg: ({ isProgressive, isTurned, isCmyk, scans, samplesPerPixel }) => ({
    ...PLAIN,
    // Coefficients of 2 bytes are kept until the last scan.
    bytesPerPixel: (isProgressive ? 2.4 * samplesPerPixel : 0) + (isTurned ? 3.7 : 0) + (isCmyk ? 1 : 0),
    nsPerPixel: (isCmyk ? 90 : 9) + (isProgressive ? 9 + 0.5 * scans : 0) + (isTurned ? 8 : 0),
  }),
  png: ({ channels, bytesPerSample, isProgressive, isTurned }) => ({
    ...PLAIN,
    bytesPerPixel: (isProgressive || isTurned ? 1.25 : 0) * channels * bytesPerSample,
    nsPerPixel: (bytesPerSample > 1 ? 44 : 14) + (isProgressive ? 26 : 0),
  }),
  webp: () => ({ ...PLAIN, bytesPerPixel: 8.2, nsPerPixel: 33 }),
  gif: () => ({ ...PLAIN, bytesPerPixel: 5.3, nsPerPixel: 17 }),
  // A strip may be the whole picture.
  tiff: ({ channels, bytesPerSample }) => ({
    ...PLAIN,
    bytesPerPixel: 1.3 * channels * bytesPerSample,
    nsPerPixel: bytesPerSample > 1 ? 45 : 16,
  }),
  avif: ({ bytesPerSample }) => ({
    ...PLAIN,
    bytesPerPixel: bytesPerSample > 1 ? 32 : 21,
    nsPerPixel: 40,
    nsPerByte: 220,
  }),
  bmp: () => ({ ...PLAIN, bytesPerPixel: 8, nsPerPixel: 20 }),
  jp2: ({ channels }) => ({
    ...PLAIN,
    bytesPerPixel: 8 * channels,
    nsPerPixel: 100,
    nsPerByte: 200,
    baseBytes: 30e6,
  }),
  heic: () => ({ ...PLAIN, bytesPerPixel: 24, nsPerPixel: 60, nsPerByte: 220, baseBytes: 40e6 }),
} as const satisfies Record<PictureFormat, (storage: Storage) => Rates>

/** The working size and what is made of it. */
const [OUTPUT_PIXELS, OUTPUT_BYTES_PER_PIXEL] = [2_600_000, 4]
/** libvips holds many lines of what it reads from top to bottom, but no more than there are. */
const [LINES_BYTES_PER_COLUMN, LINES_BYTES_PER_PIXEL] = [5_400, 8]

/** Fits what was measured from above: no picture that was tried took more memory than this says. */
export function decodingCost(picture: PictureToWeigh): DecodingCost {
  const pixels = picture.width * picture.height
  const rates: Rates = RATES[picture.format](picture.storage)
  const { bytesPerPixel, nsPerPixel, nsPerByte, baseBytes } = rates
  const output = OUTPUT_BYTES_PER_PIXEL * Math.min(pixels, OUTPUT_PIXELS)
  const lines = Math.min(LINES_BYTES_PER_COLUMN * picture.width, LINES_BYTES_PER_PIXEL * pixels)
  const { bytesPerSample } = picture.storage
  return {
    bytes: Math.round(baseBytes + output + lines * bytesPerSample + bytesPerPixel * pixels),
    ms: (nsPerPixel * pixels + nsPerByte * picture.fileBytes) / 1e6,
  }
}
