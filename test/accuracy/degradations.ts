import sharp, { type Sharp } from 'sharp'

/** Ways in which a good photo becomes a bad one. LFW's photos have 250 x 250 pixels, with about 41 between the eyes. */
export const DEGRADATIONS: Readonly<Record<string, (photo: Uint8Array) => Promise<Uint8Array>>> = {
  'as it is': async (photo) => photo,
  'blurred, sigma 2 px': (photo) => jpegOf(sharp(photo).blur(2)),
  'blurred, sigma 4 px': (photo) => jpegOf(sharp(photo).blur(4)),
  'blurred, sigma 6 px': (photo) => jpegOf(sharp(photo).blur(6)),
  'dark, a quarter of the light': (photo) => jpegOf(sharp(photo).linear(0.25, 0)),
  'dark, an eighth of the light': (photo) => jpegOf(sharp(photo).linear(0.125, 0)),
  'light, four times': (photo) => jpegOf(sharp(photo).linear(4, 0)),
  'tiny, 125 px': (photo) => jpegOf(sharp(photo).resize(125)),
  'tiny, 80 px': (photo) => jpegOf(sharp(photo).resize(80)),
  'tiny, 56 px': (photo) => jpegOf(sharp(photo).resize(56)),
  'tiny, 40 px': (photo) => jpegOf(sharp(photo).resize(40)),
  'rotated by 30 degrees': (photo) => jpegOf(sharp(photo).rotate(30)),
  'rotated by 90 degrees': (photo) => jpegOf(sharp(photo).rotate(90)),
}

async function jpegOf(picture: Sharp): Promise<Uint8Array> {
  return picture.jpeg({ quality: 92 }).toBuffer()
}
