import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'

/** Photos of one person, by whom they show. */
export interface Photographed {
  readonly name: string
  readonly photos: readonly string[]
}

/** People of LFW with at least so many photos, in the order of their names. */
export function photographed(
  data: string,
  wanted: { readonly people: number; readonly photos: number },
): readonly Photographed[] {
  const folder = join(data, 'lfw-dev', 'images')
  return readdirSync(folder)
    .toSorted()
    .map((name) => ({
      name: name.replaceAll('_', ' '),
      photos: readdirSync(join(folder, name))
        .toSorted()
        .map((file) => join(folder, name, file)),
    }))
    .filter(({ photos }) => photos.length >= wanted.photos)
    .slice(0, wanted.people)
}

/** One picture of several, as a photo of several people. */
export async function sideBySide(...files: readonly string[]): Promise<Buffer> {
  const side = 400
  const images = await Promise.all(
    files.map(async (file, place) => ({
      input: await sharp(file).resize(side, side, { fit: 'contain' }).toBuffer(),
      ...{ left: place * side, top: 0 },
    })),
  )
  const create = { width: files.length * side, height: side, channels: 3, background: 'black' } as const
  return sharp({ create }).composite(images).jpeg().toBuffer()
}
