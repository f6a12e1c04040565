/** File name extensions of the formats that the engine takes. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/tiff': 'tiff',
  'image/gif': 'gif',
  'image/avif': 'avif',
  'image/heic': 'heic',
  'image/bmp': 'bmp',
  'image/jp2': 'jp2',
}

/** Without a dot; `bin` for a type that the engine does not take any more. */
export function extensionOf(contentType: string): string {
  return EXTENSIONS[contentType] ?? 'bin'
}
