import { readFile } from 'node:fs/promises'
import { drawEvenly, readAlbums } from '../e2e/photos.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { withoutImages } from './kubectl.ts'
import type { Photo } from './load/search-load.ts'

const shared = withoutImages === null ? findSharedData() : null

/** Why no pod is run with photos; null if pods are. */
export const withoutPods: string | null = withoutImages ?? (shared === null ? 'no reference photos' : null)

/** So many persons, evenly drawn from the reference photos, with one photo each. */
export async function somePhotos(count: number): Promise<readonly Photo[]> {
  if (shared === null) return []
  const albums = drawEvenly(await readAlbums(shared), count)
  return Promise.all(
    albums.map(async ({ name, photos: [path = ''] }) => ({ name, content: await readFile(path) })),
  )
}
