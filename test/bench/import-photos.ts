import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pack } from 'tar-stream'
import { findSharedData } from '../servers/shared-data.ts'

export interface ImportPhoto {
  readonly person: string
  readonly bytes: Buffer
}

/** The people whom `readProbePhotos` takes are left out: nobody enrolls them twice. */
const PROBE_PEOPLE = 24

/** So many photos of 250 x 250 pixels; null where there are none. */
export async function readImportPhotos(count: number): Promise<readonly ImportPhoto[] | null> {
  const data = findSharedData()
  if (data === null) return null
  const images = join(data, 'lfw-dev/images')
  const people = (await readdir(images)).toSorted().slice(PROBE_PEOPLE)
  const photos: ImportPhoto[] = []
  for (const person of people) {
    for (const name of (await readdir(join(images, person))).toSorted()) {
      photos.push({ person, bytes: await readFile(join(images, person, name)) })
      if (photos.length === count) return photos
    }
  }
  throw new Error(`there are only ${photos.length} photos`)
}

/** A folder for each person. `prefix` makes other persons of the same photos. */
export async function tarOf(photos: readonly ImportPhoto[], prefix: string): Promise<Buffer> {
  const tar = pack()
  for (const [i, { person, bytes }] of photos.entries()) {
    tar.entry({ name: `${prefix}${person}/${i}.jpg` }, bytes)
  }
  tar.finalize()
  const pieces: Buffer[] = []
  for await (const piece of tar) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
