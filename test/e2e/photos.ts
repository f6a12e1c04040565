import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'

/** Somebody of Labeled Faces in the Wild; `photos` are paths in the set's order. */
export interface Album {
  readonly name: string
  readonly photos: readonly string[]
}

/** Everybody in the set, by name. */
export async function readAlbums(shared: string): Promise<Album[]> {
  const images = join(shared, 'lfw-dev/images')
  const names = (await readdir(images)).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const files = (await readdir(join(images, name))).toSorted()
      return { name, photos: files.map((file) => join(images, name, file)) }
    }),
  )
}

/** `count` of the items, evenly drawn. */
export function drawEvenly<T>(items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!)
}

/** Two photos of one man, shrunk so that describing them takes little time. */
export function smallPhotos(shared: string): Promise<Buffer[]> {
  const photoOf = (number: number) =>
    join(shared, `lfw-dev/images/Abdullah_Gul/Abdullah_Gul_000${number}.jpg`)
  return Promise.all([1, 2].map((number) => sharp(photoOf(number)).resize(125).jpeg().toBuffer()))
}

/** The pictures side by side, all of the first one's size. */
export async function sideBySide(paths: readonly string[]): Promise<Buffer> {
  const { width, height } = await sharp(paths[0]).metadata()
  const inputs = await Promise.all(
    paths.map(async (path, i) => ({
      input: await sharp(await readFile(path))
        .resize(width, height, { fit: 'cover' })
        .toBuffer(),
      left: i * width,
      top: 0,
    })),
  )
  const canvas = { width: width * paths.length, height, channels: 3, background: '#808080' } as const
  return sharp({ create: canvas }).composite(inputs).jpeg({ quality: 95 }).toBuffer()
}
