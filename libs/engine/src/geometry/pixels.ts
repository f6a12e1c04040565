/**
 * An upright picture in memory: interleaved RGB, one byte a channel, no padding between rows. Over a
 * SharedArrayBuffer, so that every inference thread reads the same bytes without a copy.
 */
export interface Pixels {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** Uncleared black pixels of that size, in memory that threads can read. */
export function sharedPixels(width: number, height: number): Pixels {
  return { data: new Uint8Array(new SharedArrayBuffer(width * height * 3)), width, height }
}
