import { readFile } from 'node:fs/promises'
import sharp from 'sharp'
import { drawEvenly, readAlbums } from '../e2e/photos.ts'
import { findSharedData } from '../servers/shared-data.ts'
import type { ReportLine } from './reported-gallery.ts'

/** Pixels of a side: such a picture is quickly done, so that many kills fit into a test. */
const SIDE = 125

export interface PhotoRow {
  readonly key: string
  readonly name: string
  readonly person: { readonly externalId: string }
  readonly picture: string
}

export interface PhotoRows {
  readonly rows: readonly PhotoRow[]
  /** As they were sent, by the key of their row. */
  readonly pictures: ReadonlyMap<string, Buffer>
}

/** Two photos of each of so many persons, made small, as rows of an import. */
export async function photoRows(persons: number): Promise<PhotoRows> {
  const albums = (await readAlbums(findSharedData()!)).filter(({ photos }) => photos.length > 1)
  const pictures = new Map<string, Buffer>()
  const rows = drawEvenly(albums, persons).flatMap(({ name, photos }) =>
    photos.slice(0, 2).map(async (photo, i) => {
      const key = `${name}/${i}.jpg`
      const picture = await sharp(await readFile(photo))
        .resize(SIDE)
        .jpeg()
        .toBuffer()
      pictures.set(key, picture)
      return { key, name, person: { externalId: name }, picture: picture.toString('base64') }
    }),
  )
  return { rows: await Promise.all(rows), pictures }
}

/** The lines of a report in NDJSON. */
export function reportLines(bytes: Buffer): ReportLine[] {
  return bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
