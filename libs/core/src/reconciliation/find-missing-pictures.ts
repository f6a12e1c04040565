import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'

/** Each page of a listing reads the names of all files. */
const BATCH = 2_000
/** Ids that are named; the others are only counted. */
const MOST_NAMED = 10

export interface MissingPictures {
  readonly count: number
  /** The first few. */
  readonly ids: readonly ImageId[]
}

/**
 * Images that can be found whose picture is not there, as after a restore of the database alone. They are told of and
 * left as they are: searches need the descriptor only.
 */
export async function findMissingPictures(
  gallery: Pick<GalleryPorts, 'records' | 'index' | 'pictures'>,
  waiting: Waiting = {},
): Promise<MissingPictures> {
  const ids: ImageId[] = []
  let count = 0
  let after: ImageId | null = null
  for (;;) {
    waiting.signal?.throwIfAborted()
    const indexed: readonly ImageId[] = await gallery.index.listImageIds({ after, limit: BATCH }, waiting)
    const last = indexed.at(-1)
    if (last === undefined) return { count, ids }
    for (const id of await withoutPicture(gallery, { indexed, after, last }, waiting)) {
      count++
      if (ids.length < MOST_NAMED) ids.push(id)
    }
    after = last
  }
}

interface IndexedStretch {
  readonly indexed: readonly ImageId[]
  readonly after: ImageId | null
  readonly last: ImageId
}

async function withoutPicture(
  { records, pictures }: Pick<GalleryPorts, 'records' | 'pictures'>,
  { indexed, after, last }: IndexedStretch,
  waiting: Waiting,
): Promise<readonly ImageId[]> {
  const missing = new Set(indexed)
  for (let from = after; from === null || from < last; ) {
    const page = await pictures.list({ after: from, limit: BATCH, untouchedMs: 0 }, waiting)
    for (const id of page) missing.delete(id)
    if (page.length < BATCH) break
    from = page.at(-1) ?? last
  }
  if (missing.size === 0) return []
  // An image may have been deleted since, or its picture put: both are looked at once more.
  const known = await records.images.findMany([...missing], waiting)
  const ready = known.filter(({ state }) => state === 'ready').map(({ id }) => id)
  const gone: ImageId[] = []
  for (const id of ready) if ((await pictures.get(id, waiting)) === null) gone.push(id)
  return gone.toSorted()
}
