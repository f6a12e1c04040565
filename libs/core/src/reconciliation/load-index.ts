import { type GalleryPorts, indexPayloadOf } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { upsertUsable } from '../images/upsert-usable.ts'
import type { EnrolledRow } from '../ports/image-records.ts'

/**
 * Rows a batch: 0.2 MB of 512 numbers. Nobody is held up, and rows are garbage before they are old: batches of 1,000
 * loaded 10,000 faces no faster and left the server 20 MB larger.
 */
const BATCH = 100

/**
 * Fills an empty index from the store, with the descriptors of this pack alone if one is given; answers how many descriptors it holds then. A record whose descriptor the index
 * cannot compare with others is told of and left out.
 */
export async function loadIndex(
  gallery: Pick<GalleryPorts, 'records' | 'index' | 'onDamage'>,
  options: {
    readonly packId?: PackId
    readonly signal?: AbortSignal | undefined
    readonly onProgress?: (loaded: number) => void
  } = {},
): Promise<number> {
  let after: ImageId | null = null
  let loaded = 0
  for (;;) {
    const query = { after, limit: BATCH }
    const rows: readonly EnrolledRow[] = await (options.packId === undefined
      ? gallery.records.images.scanEnrolled(query, options)
      : gallery.records.descriptors.scan({ ...query, packId: options.packId }, options))
    const last = rows.at(-1)
    if (last === undefined) return loaded
    const entries = rows.map(({ image, person }) => ({
      imageId: image.id,
      descriptor: image.descriptor,
      payload: indexPayloadOf(person),
    }))
    const unusable = await upsertUsable({ copy: gallery.index, onDamage: gallery.onDamage }, entries, options)
    loaded += rows.length - unusable.size
    options.onProgress?.(loaded)
    after = last.image.id
  }
}
