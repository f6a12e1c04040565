import type { Pixels } from '../../geometry/pixels.ts'

/** The square of each value, as a share of the brightest. */
const SQUARE = Uint8Array.from({ length: 256 }, (_, value) => Math.round((value * value) / 255))

/**
 * Shows what too much light has left: of each pixel the least bright color, which is the last one to be cut off, as grey, and darkened.
 * Skin is red, so its blue still has shades where red and green have none.
 * @param into of the same size; all of it is written
 */
export function dimPixels({ data }: Pixels, into: Pixels): void {
  for (let at = 0; at < data.length; at += 3) {
    const least = Math.min(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0)
    into.data.fill(SQUARE[least] ?? 0, at, at + 3)
  }
}
