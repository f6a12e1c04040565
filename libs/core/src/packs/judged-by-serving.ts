import type { Image } from '../images/image.ts'
import type { RecordStore } from '../ports/record-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { hasMoved } from './gallery-packs.ts'

/** The same images, at most 1,000, with the quality that the pack which serves tells of them: searches go by that one. */
export async function judgedByServing<Shown extends Image>(
  { images: records, settings }: Pick<RecordStore, 'images' | 'settings'>,
  images: readonly Shown[],
  waiting?: Waiting,
): Promise<readonly Shown[]> {
  const packs = await settings.readPacks(waiting)
  if (packs === null || !hasMoved(packs) || images.length === 0) return images
  const query = { ids: images.map(({ id }) => id), packId: packs.serving }
  const judged = new Map((await records.findJudged(query, waiting)).map((image) => [image.id, image]))
  return images.map((image) => {
    const { quality, damage } = judged.get(image.id) ?? image
    return { ...image, quality, ...(damage === undefined ? {} : { damage }) }
  })
}
