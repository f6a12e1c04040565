import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findSharedData } from '../servers/shared-data.ts'

export interface ProbePhotos {
  /** Faces that fill a picture of 250 x 250 pixels: eight people of Labeled Faces in the Wild. */
  readonly small: readonly Uint8Array[]
  /** The same of eight others, for enrolling meanwhile. */
  readonly newcomers: readonly Uint8Array[]
  /** The same of eight whom nobody enrolls. */
  readonly strangers: readonly Uint8Array[]
  /** A person in a picture of 1920 x 1080 pixels. */
  readonly large: readonly Uint8Array[]
}

const PEOPLE = 8
const LARGE = 'photos/ageitgey-face_recognition/examples/obama-1080p.jpg'

/** Null, with the reason printed, where the reference photos are absent. */
export async function readProbePhotos(): Promise<ProbePhotos | null> {
  const data = findSharedData()
  if (data === null) return null
  const images = join(data, 'lfw-dev/images')
  const people = (await readdir(images)).toSorted()
  const photosOf = (from: number) =>
    Promise.all(people.slice(from, from + PEOPLE).map((person) => readFirst(join(images, person))))
  const [small, newcomers, strangers] = await Promise.all([
    photosOf(0),
    photosOf(PEOPLE),
    photosOf(2 * PEOPLE),
  ])
  return { small, newcomers, strangers, large: [await readFile(join(data, LARGE))] }
}

async function readFirst(folder: string): Promise<Uint8Array> {
  const [first] = (await readdir(folder)).toSorted()
  return readFile(join(folder, first!))
}
