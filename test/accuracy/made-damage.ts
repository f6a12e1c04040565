import sharp, { type Sharp } from 'sharp'

/**
 * Damage to a photo of LFW (250 x 250, deep-funneled: eyes near (105, 112) and (147, 112), mouth near (126, 160)).
 * `strength` runs from 0 (hardly seen) to 1 (hardly a face).
 */
export const MADE_DAMAGE: Readonly<
  Record<string, (photo: Uint8Array, strength: number) => Promise<Uint8Array>>
> = {
  blur: (photo, s) => jpegOf(sharp(photo).blur(0.8 + 4.2 * s)),
  size: (photo, s) => jpegOf(sharp(photo).resize(Math.round(130 - 95 * s))),
  noise: (photo, s) => noisy(photo, 8 + 60 * s),
  dark: (photo, s) => jpegOf(sharp(photo).linear(0.4 * 0.12 ** s, 0)),
  light: (photo, s) => jpegOf(sharp(photo).linear(1.4 + 2.6 * s, 0)),
  jpeg: (photo, s) =>
    sharp(photo)
      .jpeg({ quality: Math.round(24 - 21 * s) })
      .toBuffer(),
  'bar over the eyes': (photo, s) => covered(photo, { top: 112, height: 8 + 22 * s, width: 90 }),
  'bar over the mouth': (photo, s) => covered(photo, { top: 160, height: 12 + 38 * s, width: 84 }),
  pose: (photo, s) =>
    jpegOf(sharp(photo).affine([0.85 - 0.4 * s, 0, 0.25 * s, 1], { background: '#808080' })),
}

async function jpegOf(picture: Sharp): Promise<Uint8Array> {
  return picture.jpeg({ quality: 92 }).toBuffer()
}

/** Gaussian noise of this deviation, each channel for itself. */
async function noisy(photo: Uint8Array, deviation: number): Promise<Uint8Array> {
  const { width = 250, height = 250 } = await sharp(photo).metadata()
  const noise = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: deviation },
    },
  })
    .removeAlpha()
    .raw()
    .toBuffer()
  const { data, info } = await sharp(photo).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  const changed = data.map((value, at) =>
    Math.max(0, Math.min(255, value + (noise[at % noise.length] ?? 128) - 128)),
  )
  return jpegOf(sharp(changed, { raw: { width: info.width, height: info.height, channels: info.channels } }))
}

/** A black bar in the middle, this high. */
async function covered(
  photo: Uint8Array,
  { top, height, width }: { readonly top: number; readonly height: number; readonly width: number },
): Promise<Uint8Array> {
  const size = { width, height: Math.round(height) }
  const input = await sharp({ create: { ...size, channels: 3, background: '#101010' } })
    .png()
    .toBuffer()
  const place = { left: Math.round(126 - width / 2), top: Math.round(top - height / 2) }
  return jpegOf(sharp(photo).composite([{ input, ...place }]))
}
