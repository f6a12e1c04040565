/** Endings of pictures; also of kinds that no server reads, which are told as such and not passed over. */
const PICTURE_NAME =
  /\.(jpe?g|jpe|jfif|pjpeg|png|apng|gif|webp|tiff?|avif|heic|heif|bmp|dib|jp2|j2k|jpf|jpx|jxl|svg|psd|dng|cr2|cr3|nef|arw|orf|rw2|raf)$/i

/** Hex of first bytes: JPEG, PNG, GIF, TIFF of both orders, BMP, JPEG 2000 in a box and bare. */
const MAGICS = [
  'ffd8ff',
  '89504e47',
  '47494638',
  '49492a00',
  '4d4d002a',
  '424d',
  '0000000c6a5020',
  'ff4fff51',
]
/** Behind four bytes of length: AVIF and HEIC, and not the videos that begin alike. */
const BOX_AT = 4
const BRAND = /^ftyp(avif|avis|heic|heix|hevc|mif1|msf1)/
/** `RIFF`, four bytes of length, `WEBP`. */
const WEBP_AT = 8

export function hasPictureName(path: string): boolean {
  return PICTURE_NAME.test(path)
}

/** By its first bytes. */
export function looksLikePicture(bytes: Buffer): boolean {
  const head = bytes.subarray(0, WEBP_AT).toString('hex')
  if (MAGICS.some((magic) => head.startsWith(magic))) return true
  const textAt = (at: number, length: number) => bytes.toString('latin1', at, at + length)
  if (BRAND.test(textAt(BOX_AT, 8))) return true
  return textAt(0, 4) === 'RIFF' && textAt(WEBP_AT, 4) === 'WEBP'
}
