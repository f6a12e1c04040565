import type { Gallery } from '../gallery.ts'
import type { ImageId } from '../ids.ts'

const BATCH = 500

/**
 * Removes pictures that no record speaks of: a record is always written before its picture, so such a file is what a
 * zombie or a restored backup left. One that cannot be removed is reported and keeps no other. Answers how many went.
 */
export async function sweepOrphanPictures(
  gallery: Pick<Gallery, 'persons' | 'pictures' | 'onDeferred'>,
  options: { readonly untouchedMs: number; readonly signal?: AbortSignal | undefined },
): Promise<number> {
  let after: ImageId | null = null
  let swept = 0
  for (;;) {
    const ids: readonly ImageId[] = await gallery.pictures.list(
      { after, limit: BATCH, untouchedMs: options.untouchedMs },
      options,
    )
    const last = ids.at(-1)
    if (last === undefined) return swept
    const records = await gallery.persons.findImages(ids, options)
    const owned = new Set(
      records.filter(({ state }) => state !== 'gone' && state !== 'erased').map(({ id }) => id),
    )
    for (const id of ids.filter((candidate) => !owned.has(candidate))) {
      try {
        await gallery.pictures.delete(id, options)
        swept++
      } catch (fault) {
        options.signal?.throwIfAborted()
        gallery.onDeferred('sweep pictures', fault)
      }
    }
    after = last
  }
}
