import type { Box } from '@semblance/core'
import sharp from 'sharp'
import { type Pixels, sharedPixels } from '../../geometry/pixels.ts'

/** A part of decoded pixels made smaller by libvips: several times as fast as our own loops, and on libuv's threads. */
export async function resizePixels(
  { data, width, height }: Pixels,
  region: Box,
  size: { readonly width: number; readonly height: number },
): Promise<Pixels> {
  const resized = await sharp(data, { raw: { width, height, channels: 3 } })
    .extract({ left: region.x, top: region.y, width: region.width, height: region.height })
    .resize({ ...size, fit: 'fill', kernel: 'linear' })
    .raw()
    .toBuffer()
  const pixels = sharedPixels(size.width, size.height)
  pixels.data.set(resized)
  return pixels
}
