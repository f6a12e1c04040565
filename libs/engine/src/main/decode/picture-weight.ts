import type { DecodingCost } from './decoding-cost.ts'

/**
 * A light picture is decoded with others beside it, one a thread; any other is heavy. A photo of 48 megapixels in plain
 * JPEG is light, one of 12 in AVIF is not.
 */
const LIGHT: DecodingCost = { bytes: 80_000_000, ms: 600 }

/** Nobody waits for longer than this; an honest picture takes a third. */
const MAX_DECODING_MS = 10_000

/** Pictures with fewer pixels are decoded in no time, whatever their shape. */
const THIN_FROM_PIXELS = 2_000_000

/** The networks look at no more than `workingSide` pixels of the longer side; of the shorter one then too few are left for a face. */
const MIN_WORKING_PX = 8

export function isHeavy({ bytes, ms }: DecodingCost): boolean {
  return bytes > LIGHT.bytes || ms > LIGHT.ms
}

/**
 * Null for a picture that may be decoded; else the most pixels that one of its kind may have: it would take more memory
 * than all pictures together may, or longer than anybody waits.
 */
export function maxPixelsOf(
  { bytes, ms }: DecodingCost,
  { pixels, maxBytes }: { readonly pixels: number; readonly maxBytes: number },
): number | null {
  const excess = Math.max(bytes / maxBytes, ms / MAX_DECODING_MS)
  return excess <= 1 ? null : Math.floor(pixels / excess)
}

/** Such a picture costs a decoder most of all, a line of 50 million pixels several gigabytes. */
export function isTooThin(
  size: { readonly width: number; readonly height: number },
  workingSide: number,
): boolean {
  const { width, height } = size
  const [shorter, longer] = [Math.min(width, height), Math.max(width, height)]
  return width * height > THIN_FROM_PIXELS && (shorter * workingSide) / longer < MIN_WORKING_PX
}
