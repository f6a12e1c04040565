import { indexPayloadOf } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { type WrittenCopy, writeVectors } from '../images/write-vectors.ts'
import { isAboutToBeMerged } from '../persons/merged-persons.ts'
import type { Person } from '../persons/person.ts'
import type { IndexPayload } from '../ports/descriptor-index.ts'
import type { EnrolledRow } from '../ports/image-records.ts'
import type { IndexCopy, ListedVector } from '../ports/rebuildable-index.ts'
import type { Waiting } from '../ports/waiting.ts'

/** The store against one copy of the index, in images. */
export interface IndexComparison {
  /** `ready` ones of live persons, by the store. */
  readonly images: number
  readonly vectors: number
  /** `ready` images without a vector. */
  readonly missing: number
  /** Vectors whose image is absent, `deleting` or gone. */
  readonly surplus: number
  /** Vectors whose payload is not the person's, and nobody is at work on it. */
  readonly stale: number
  /** How many of these three were put right. */
  readonly repaired: number
}

export interface CompareOptions {
  readonly repair: boolean
  readonly signal?: AbortSignal | undefined
  /** Images compared so far. */
  readonly onProgress?: (images: number) => void
  /** Images whose descriptor no index takes, and which are not missed in it; those that a repair meets are added. */
  readonly unusable?: Set<ImageId>
}

type Tally = { -readonly [Key in keyof IndexComparison]: IndexComparison[Key] }

/** A store, and one copy of the index. */
export interface Compared extends WrittenCopy {
  readonly copy: IndexCopy
  /** The pack of whose descriptors the copy is; left out: those that the images were enrolled with, whatever pack they are of. */
  readonly packId?: PackId | undefined
}

interface Comparing extends Compared {
  readonly options: CompareOptions
  readonly tally: Tally
}

/** Images of one step: 1 MB of 512 numbers. */
const BATCH = 500

/**
 * Walks through store and index side by side, by increasing image id, and holds no more than a batch of each. May run
 * while others write: what differs for a moment only is looked at twice before it counts, and repairs undo nothing.
 */
export async function compareIndex(gallery: Compared, options: CompareOptions): Promise<IndexComparison> {
  const { last: _, ...found } = await compareSome(gallery, { after: null, atMost: null }, options)
  return found
}

/** As `compareIndex`, of images behind `after`, about so many; `last`: go on behind it, null: that was the end. */
export async function compareSome(
  gallery: Compared,
  from: { readonly after: ImageId | null; readonly atMost: number | null },
  options: CompareOptions,
): Promise<IndexComparison & { readonly last: ImageId | null }> {
  const tally: Tally = { images: 0, vectors: 0, missing: 0, surplus: 0, stale: 0, repaired: 0 }
  const comparing = { ...gallery, options, tally }
  let { after } = from
  for (;;) {
    options.signal?.throwIfAborted()
    // Rows first: a `ready` image has had its vector since before it was `ready`.
    const rows: readonly EnrolledRow[] = await scan(gallery, after, options)
    const last = rows.length < BATCH ? null : (rows.at(-1)?.image.id ?? null)
    await compareStretch(comparing, { after, upTo: last, rows })
    tally.images += rows.length
    options.onProgress?.(tally.images)
    if (last === null || (from.atMost !== null && tally.images >= from.atMost)) return { ...tally, last }
    after = last
  }
}

function scan(
  { records, packId }: Compared,
  after: ImageId | null,
  waiting: Waiting,
): Promise<readonly EnrolledRow[]> {
  const query = { after, limit: BATCH }
  return packId === undefined
    ? records.images.scanEnrolled(query, waiting)
    : records.descriptors.scan({ ...query, packId }, waiting)
}

/** All ids after `after` up to `upTo`, that included; null: to the end. */
interface Stretch {
  readonly after: ImageId | null
  readonly upTo: ImageId | null
  readonly rows: readonly EnrolledRow[]
}

async function compareStretch(comparing: Comparing, { after, upTo, rows }: Stretch): Promise<void> {
  const { copy, options, tally } = comparing
  const unseen = new Map(rows.map((row) => [row.image.id, row]))
  const stale: EnrolledRow[] = []
  let from = after
  for (;;) {
    const page = await copy.listVectors({ after: from, limit: BATCH }, options)
    // The comparison is not `<=`: an id that is a number, from another program's hand, is neither more nor less, and
    // must not be lost.
    const inside = upTo === null ? page : page.filter(({ imageId }) => !(imageId > upTo))
    tally.vectors += inside.length
    const strangers: ImageId[] = []
    for (const { imageId, payload } of inside) {
      const row = unseen.get(imageId)
      unseen.delete(imageId)
      if (row === undefined) strangers.push(imageId)
      else if (isStale(payload, row.person)) stale.push(row)
    }
    await removeSurplus(comparing, strangers)
    from = inside.at(-1)?.imageId ?? null
    if (inside.length < BATCH) break
  }
  await putBack(comparing, { missing: [...unseen.values()], stale })
}

/** While a person is `dirty`, somebody is about to write the payload; a newer one was written since the row was read. */
function isStale(payload: ListedVector['payload'], person: Person): boolean {
  if (payload === null || person.dirty) return false
  const isOwn = payload.personId === person.id
  // Of somebody who is about to be merged the index has the groups of both already.
  if (isOwn && (payload.rev > person.rev || isAboutToBeMerged(person))) return false
  // No later change would reach a vector whose rev is none.
  if (!Number.isSafeInteger(payload.rev)) return true
  return searchedBy(payload) !== searchedBy(indexPayloadOf(person))
}

function searchedBy({ personId, groups, name, externalId }: IndexPayload): string {
  return JSON.stringify([personId, groups.toSorted(), name, externalId])
}

/** Ids without a row may be `pending`, whose vector comes first, or of a person who is about to be deleted. */
async function removeSurplus(comparing: Comparing, ids: readonly ImageId[]): Promise<void> {
  if (ids.length === 0) return
  const { records, copy, options, tally } = comparing
  const known = await records.images.findMany(ids, options)
  const owned = new Set(
    known.filter(({ state }) => state === 'pending' || state === 'ready').map(({ id }) => id),
  )
  const surplus = ids.filter((id) => !owned.has(id))
  tally.surplus += surplus.length
  if (!options.repair || surplus.length === 0) return
  await copy.remove(surplus, options)
  tally.repaired += surplus.length
}

async function putBack(
  comparing: Comparing,
  found: { readonly missing: readonly EnrolledRow[]; readonly stale: readonly EnrolledRow[] },
): Promise<void> {
  const { records, options, tally } = comparing
  const all = [...found.missing, ...found.stale]
  if (all.length === 0) return
  const ids = all.map(({ image }) => image.id)
  const known = await records.images.findMany(ids, options)
  const ready = new Set(known.filter(({ state }) => state === 'ready').map(({ id }) => id))
  const isReady = ({ image }: EnrolledRow) => ready.has(image.id) && options.unusable?.has(image.id) !== true
  tally.missing += found.missing.filter(isReady).length
  tally.stale += found.stale.filter(isReady).length
  if (!options.repair) return
  const written = await writeVectors(comparing, all.filter(isReady), options)
  tally.repaired += written.kept
  for (const id of written.unusable) options.unusable?.add(id)
}
