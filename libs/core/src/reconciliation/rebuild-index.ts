import { setTimeout as sleep } from 'node:timers/promises'
import { indexUnavailable } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, PackId } from '../ids.ts'
import { writeVectors } from '../images/write-vectors.ts'
import { descriptorBy } from '../packs/descriptor-by.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { EnrolledRow } from '../ports/image-records.ts'
import type { RebuildableIndex } from '../ports/rebuildable-index.ts'
import type { Waiting } from '../ports/waiting.ts'
import { type Compared, compareIndex, type IndexComparison } from './compare-index.ts'

/** Key of the lease under which one process of the installation rebuilds. */
const REBUILD_LEASE = 'index-rebuild'
/** Each finds less than the one before; one that still finds something after so many is chasing a fault. */
const MAX_PASSES = 8
const FIRST_PENDING = 1_000

export interface IndexRebuild {
  /** The one that serves now. */
  readonly generation: string
  readonly images: number
  readonly vectors: number
  /** Walks through the store until one found nothing to put right. */
  readonly passes: number
}

export interface RebuildOptions {
  readonly signal?: AbortSignal | undefined
  /** Images walked through, of the pass at work. */
  readonly onProgress?: (images: number) => void
}

type Rebuilt = Pick<GalleryPorts, 'records' | 'onDamage'> & {
  readonly index: RebuildableIndex
  /** As in `Compared`. */
  readonly packId?: PackId | undefined
}

/**
 * Makes the index again from the stored descriptors, with searches and writes going on, and lets it serve. Whatever
 * step it dies at, the former index serves on, and the next run begins by dropping what was left.
 */
export function rebuildIndex(
  gallery: Rebuilt & Pick<GalleryPorts, 'exclusive'>,
  options: RebuildOptions = {},
): Promise<IndexRebuild> {
  return gallery.exclusive.run(
    REBUILD_LEASE,
    ({ lost }) => {
      const signal = options.signal === undefined ? lost : AbortSignal.any([lost, options.signal])
      return rebuildAlone(gallery, { ...options, signal })
    },
    options,
  )
}

async function rebuildAlone(
  { records, index, onDamage, packId }: Rebuilt,
  options: RebuildOptions,
): Promise<IndexRebuild> {
  const settle = async () => {
    await sleep(index.registrySettleMs, undefined, options).catch(() => undefined)
    options.signal?.throwIfAborted()
  }
  for (const left of await index.otherGenerations(options)) await index.drop(left, options)

  const generation = await index.beginGeneration(options)
  const copy = index.generation(generation)
  const compared = { records, copy, onDamage, packId }
  // Every vector that is written anywhere from then on is written here, too.
  await settle()
  // They come before the ready ones: an image whose vector was written earlier is now either pending or ready.
  await copyPending(compared, options)
  const { passes, found } = await copyReady(compared, options)

  await index.serve(generation, options)
  await settle()
  for (const former of await index.otherGenerations(options)) await index.drop(former, options)
  return { generation, images: found.images, vectors: found.vectors, passes }
}

/**
 * Repeats until a walk finds every image with its vector and payload; it removes what was erased since the one
 * before. Surplus is no reason for another walk: with deletes going on, there is always one between its mark and its
 * erasure.
 */
async function copyReady(
  gallery: Compared,
  options: RebuildOptions,
): Promise<{ readonly passes: number; readonly found: IndexComparison }> {
  const unusable = new Set<ImageId>()
  for (let passes = 1; passes <= MAX_PASSES; passes++) {
    const found = await compareIndex(gallery, { ...options, repair: true, unusable })
    if (passes > 1 && found.missing + found.stale === 0) return { passes, found }
  }
  throw indexUnavailable(new Error('the new index does not come to agree with the store'))
}

/** A writer that sleeps between vector and `ready` wrote its vector to the generations of its day only. */
async function copyPending(gallery: Compared, waiting: Waiting): Promise<void> {
  for (const id of await listPending(gallery.records, waiting)) {
    const image = await gallery.records.images.find(id, waiting)
    if (image?.state !== 'pending') continue
    const owners = await findOwners(gallery.records, { ids: [image.personId] }, waiting)
    const person = owners.get(image.personId)
    if (person === undefined) continue
    const descriptor = await descriptorBy(
      gallery.packId ?? null,
      { records: gallery.records, image },
      waiting,
    )
    if (descriptor === null) continue
    const row: EnrolledRow = { image: { ...image, descriptor }, person }
    await writeVectors(gallery, [row], waiting)
  }
}

/** All at once: from page to page of a list that changes, some would be passed over. */
async function listPending(records: GalleryPorts['records'], waiting: Waiting): Promise<readonly ImageId[]> {
  for (let limit = FIRST_PENDING; ; limit *= 4) {
    const ids = await records.overdue.list({ kind: 'pending-image', untouchedMs: 0, skip: 0, limit }, waiting)
    if (ids.length < limit) return ids as readonly ImageId[]
  }
}
