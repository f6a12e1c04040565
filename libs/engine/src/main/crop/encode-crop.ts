import sharp from 'sharp'

const JPEG_QUALITY = 95

/** @param rgb interleaved bytes */
export function encodeCrop(
  rgb: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Promise<Uint8Array> {
  return sharp(rgb, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: JPEG_QUALITY, chromaSubsampling: '4:4:4' })
    .toBuffer()
}
