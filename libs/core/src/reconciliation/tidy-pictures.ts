import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId } from '../ids.ts'
import type { ImageState } from '../images/image.ts'
import type { PictureListQuery } from '../ports/image-store.ts'
import type { Waiting } from '../ports/waiting.ts'

/** Each page of a listing reads the names of all files. */
const BATCH = 2_000

/** How many pictures met which fate. */
export interface TidiedPictures {
  /** Their record says that they were deleted: what a zombie or a backup brought back. */
  readonly erased: number
  /** No record speaks of them. */
  readonly setAside: number
  /** Pictures that were set aside before, and whose record is there again. */
  readonly restored: number
  /** Pictures that were set aside for longer than they are kept. */
  readonly expired: number
  /** Pictures that are still set aside. */
  readonly kept: number
}

export interface TidyOptions extends Waiting {
  /** Younger pictures may belong to an enrollment under way; 0 where nobody can be at work. */
  readonly untouchedMs: number
  /** Pictures are kept aside for so long. */
  readonly keepMs: number
}

type Tidied = Pick<GalleryPorts, 'records' | 'pictures' | 'onDeferred'>
type Fate = 'erased' | 'setAside' | 'restored' | 'expired'
/** Undefined: there is no record. `unreadable`: there is one, and somebody may mend it. */
type Recorded = ImageState | 'unreadable' | undefined

/**
 * Brings pictures and records together. Only what a tombstone says was deleted is erased. A picture without a record
 * was left by a lost or older store as likely as by a zombie: it is set aside, out of everybody's sight, comes back
 * with its record, and is erased at the end of its time. One that cannot be moved is reported and keeps no other.
 */
export async function tidyPictures(gallery: Tidied, options: TidyOptions): Promise<TidiedPictures> {
  const done = { erased: 0, setAside: 0, restored: 0, expired: 0 }
  const decide = (state: Recorded): Fate | null => {
    if (state === undefined) return 'setAside'
    return isTombstone(state) ? 'erased' : null
  }
  await walk(gallery, { ...options, list: (query) => gallery.pictures.list(query, options), decide, done })
  const reviewed = await reviewSetAside(gallery, options)
  return { ...reviewed, erased: done.erased + reviewed.erased, setAside: done.setAside }
}

/** What was set aside: goes with its tombstone, comes back with its record, ends with its time. */
export async function reviewSetAside(
  gallery: Tidied,
  options: Omit<TidyOptions, 'untouchedMs'>,
): Promise<TidiedPictures> {
  const done = { erased: 0, setAside: 0, restored: 0, expired: 0 }
  const list = (query: PictureListQuery) => gallery.pictures.listSetAside(query, options)
  const decide = (state: Recorded): Fate | null => {
    if (state === undefined) return null
    return isTombstone(state) ? 'erased' : 'restored'
  }
  const seen = await walk(gallery, { ...options, untouchedMs: 0, list, decide, done })
  const expire = (state: Recorded): Fate | null => (state === undefined ? 'expired' : null)
  await walk(gallery, { ...options, untouchedMs: options.keepMs, list, decide: expire, done })
  return { ...done, kept: seen - done.erased - done.restored - done.expired }
}

interface Walk extends Waiting {
  readonly untouchedMs: number
  readonly list: (query: PictureListQuery) => Promise<readonly ImageId[]>
  /** Null: it stays where it is. */
  readonly decide: (state: Recorded) => Fate | null
  readonly done: Record<Fate, number>
}

/** Answers how many pictures were listed. */
async function walk(gallery: Tidied, { list, decide, done, untouchedMs, signal }: Walk): Promise<number> {
  let after: ImageId | null = null
  let seen = 0
  for (;;) {
    const ids = await list({ after, limit: BATCH, untouchedMs })
    if (ids.length === 0) return seen
    const recorded = await recordsOf(gallery, ids, { signal })
    for (const id of ids) {
      const fate = decide(recorded.get(id))
      if (fate !== null && (await meet(gallery, { id, fate, signal }))) done[fate]++
    }
    seen += ids.length
    after = ids.at(-1) ?? null
  }
}

async function recordsOf(
  { records }: Tidied,
  ids: readonly ImageId[],
  waiting: Waiting,
): Promise<ReadonlyMap<ImageId, Recorded>> {
  const found = new Map<ImageId, Recorded>()
  for (const id of await records.images.recordedIds(ids, waiting)) found.set(id, 'unreadable')
  for (const { id, state } of await records.images.findMany(ids, waiting)) found.set(id, state)
  return found
}

async function meet(
  { pictures, onDeferred }: Tidied,
  { id, fate, signal }: { readonly id: ImageId; readonly fate: Fate } & Waiting,
): Promise<boolean> {
  try {
    if (fate === 'setAside') await pictures.setAside(id, { signal })
    else if (fate === 'restored') await pictures.restore(id, { signal })
    else await pictures.delete(id, { signal })
    return true
  } catch (fault) {
    signal?.throwIfAborted()
    onDeferred('tidy pictures', fault)
    return false
  }
}

function isTombstone(state: Recorded): boolean {
  return state === 'gone' || state === 'erased'
}
