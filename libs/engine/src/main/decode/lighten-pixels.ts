import sharp from 'sharp'
import { type Pixels, sharedPixels } from '../../geometry/pixels.ts'

/** How a pack's detector wants dark pictures lightened. */
export interface Darkness {
  /** A picture is dark if the brightest hundredth of its pixels begins below this; of a pixel, the highest of its colors, 0..255. */
  readonly below: number
  /** It is lightened until they begin here. */
  readonly to: number
}

/** So many pixels tell the hundredth well enough, and cost the event loop nothing. */
const SAMPLES = 20_000

/** Below this there is nothing to be seen, only noise. */
const DARKEST = 4

/** The factor that makes a dark picture as light as others; 1 for one that is not dark. */
export function gainOf({ data, width, height }: Pixels, { below, to }: Darkness): number {
  const counts = new Uint32Array(256)
  // Odd, so that no column of a picture of even width is looked at alone.
  const step = 2 * Math.floor((width * height) / SAMPLES / 2) + 1
  let samples = 0
  for (let at = 0; at < data.length; at += 3 * step, samples++) {
    const brightest = Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0)
    counts[brightest] = (counts[brightest] ?? 0) + 1
  }
  let level = 255
  for (let above = counts[255] ?? 0; level > 0 && above <= samples / 100; above += counts[level] ?? 0) level--
  return level < DARKEST || level >= below ? 1 : to / level
}

/** Each value times the gain, 255 at most; on libuv's threads. */
export async function lightenPixels({ data, width, height }: Pixels, gain: number): Promise<Pixels> {
  const lightened = await sharp(data, { raw: { width, height, channels: 3 } })
    .linear(gain, 0)
    .raw()
    .toBuffer()
  const pixels = sharedPixels(width, height)
  pixels.data.set(lightened)
  return pixels
}
