import sharp from 'sharp'

/** The loaders of libvips for the formats of `picture-format.ts`, from memory only. */
const ALLOWED_LOADERS = [
  'VipsForeignLoadJpegBuffer',
  'VipsForeignLoadPngBuffer',
  'VipsForeignLoadWebpBuffer',
  'VipsForeignLoadTiffBuffer',
  'VipsForeignLoadNsgifBuffer',
  'VipsForeignLoadHeifBuffer',
]

/**
 * Sets libvips up for this process: no loader but the ones we need (SVG and PDF render XML, fonts and scripts, and
 * are refused even if their bytes pass for something else), and no cache, as no picture comes twice.
 */
export function restrictLoaders(): void {
  sharp.cache(false)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ALLOWED_LOADERS })
}
