import {
  type Clock,
  type DescriptorIndex,
  hasMoved,
  type IndexEntry,
  type IndexPayload,
  type PackId,
  type RebuildableIndex,
  type Waiting,
} from '@semblance/core'
import { type KnownPacks, PACKS_MAX_AGE_MS, packsOf } from './known-packs.ts'
import type { PackSummary } from './read-pack-summary.ts'

/**
 * The index of one pack. Its `registrySettleMs` counts that a writer writes to all indexes before it resolves: `WRITTEN_WITHIN_MS`.
 */
export interface PackIndex extends RebuildableIndex {
  /** All copies go. A writer that does not know it yet writes nothing then. */
  dropAll(waiting?: Waiting): Promise<void>
}

/** A write that resolves was made in all indexes within so long. */
export const WRITTEN_WITHIN_MS = PACKS_MAX_AGE_MS

export interface IndexOfPacksDeps {
  readonly known: KnownPacks
  readonly clock: Pick<Clock, 'monotonic'>
  /** The index of that pack; made where the summary is given, else it must be there. */
  readonly open: (packId: PackId, summary: PackSummary | null, waiting?: Waiting) => Promise<PackIndex>
  /** Opened already: that of the pack that serves. */
  readonly first: { readonly packId: PackId; readonly index: PackIndex }
}

/**
 * The indexes of a gallery's packs as one, in a cluster: every process writes what it takes away or changes to all of them,
 * whichever of them it has met before. A vector goes to, and a probe is searched in, the index of the pack that it is of.
 * What is counted and listed is what serves.
 */
export class IndexOfPacks implements DescriptorIndex {
  /** As that of each index, and of the list of packs as well. */
  readonly registrySettleMs: number
  readonly #deps: IndexOfPacksDeps
  readonly #opened = new Map<PackId, Promise<PackIndex>>()

  constructor(deps: IndexOfPacksDeps) {
    this.#deps = deps
    this.#opened.set(deps.first.packId, Promise.resolve(deps.first.index))
    this.registrySettleMs = deps.first.index.registrySettleMs
  }

  /** The index of that pack, which must be there. */
  of(packId: PackId, waiting?: Waiting): Promise<PackIndex> {
    return this.#opened.get(packId) ?? this.#open(packId, null, waiting)
  }

  /** The index of that pack, made if it is not there. */
  make(summary: PackSummary, waiting?: Waiting): Promise<PackIndex> {
    return this.#open(summary.packId, summary, waiting)
  }

  /** What is of a dropped pack is passed over: a job may end with the pack that it began with. */
  async upsert(entries: readonly IndexEntry[], waiting?: Waiting): Promise<void> {
    for (const [packId, some] of Map.groupBy(entries, ({ descriptor }) => descriptor.packId)) {
      const index = await this.#writtenTo(packId, waiting)
      await index?.upsert(some, waiting)
    }
  }

  updatePayload(payload: IndexPayload, waiting?: Waiting): Promise<void> {
    return this.#writeToAll((index) => index.updatePayload(payload, waiting), waiting)
  }

  remove: DescriptorIndex['remove'] = (imageIds, waiting) =>
    this.#writeToAll((index) => index.remove(imageIds, waiting), waiting)

  search: DescriptorIndex['search'] = async (probe, query, waiting) =>
    (await this.#searched(probe.packId, waiting)).search(probe, query, waiting)

  /** All probes of one call are of one pack. */
  searchMany: DescriptorIndex['searchMany'] = async (probes, query, waiting) => {
    const packId = probes[0]?.descriptor.packId
    const index = packId === undefined ? await this.serving(waiting) : await this.#searched(packId, waiting)
    return index.searchMany(probes, query, waiting)
  }

  listImageIds: DescriptorIndex['listImageIds'] = async (query, waiting) =>
    (await this.serving(waiting)).listImageIds(query, waiting)

  count: DescriptorIndex['count'] = async (waiting) => (await this.serving(waiting)).count(waiting)

  countMatching: DescriptorIndex['countMatching'] = async (filter, waiting) =>
    (await this.serving(waiting)).countMatching(filter, waiting)

  sampleMatching: DescriptorIndex['sampleMatching'] = async (query, waiting) =>
    (await this.serving(waiting)).sampleMatching(query, waiting)

  async check(waiting?: Waiting): Promise<void> {
    const { packs } = await this.#deps.known.readOrRemember(waiting)
    for (const packId of packsOf(packs)) await (await this.of(packId, waiting)).check(waiting)
  }

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#opened.values())
    await Promise.all(opened.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)))
  }

  async serving(waiting?: Waiting): Promise<PackIndex> {
    const { packs } = await this.#deps.known.readOrRemember(waiting)
    return this.of(packs.serving, waiting)
  }

  /** A descriptor of a pack that a gallery never had is a damaged record: the serving index refuses it. */
  async #searched(packId: PackId, waiting?: Waiting): Promise<PackIndex> {
    if (this.#opened.has(packId)) return this.of(packId, waiting)
    const { packs } = await this.#deps.known.read(waiting)
    if (packsOf(packs).includes(packId)) return this.of(packId, waiting)
    const { packs: now } = await this.#deps.known.refresh(waiting)
    return this.of(packsOf(now).includes(packId) ? packId : now.serving, waiting)
  }

  /** Null: of a pack that the gallery has no more. */
  async #writtenTo(packId: PackId, waiting?: Waiting): Promise<PackIndex | null> {
    const { packs } = await this.#deps.known.read(waiting)
    if (packsOf(packs).includes(packId)) return this.of(packId, waiting)
    const { packs: now } = await this.#deps.known.refresh(waiting)
    if (packsOf(now).includes(packId)) return this.of(packId, waiting)
    return hasMoved(now) ? null : this.of(now.serving, waiting)
  }

  /**
   * Resolves only under a list of packs that was current a moment ago, as a write to one index does under its list of
   * generations; and where one index was slow, the others are written to once more, so that those lists are not old either.
   */
  async #writeToAll(write: (index: PackIndex) => Promise<void>, waiting?: Waiting): Promise<void> {
    const { known, clock } = this.#deps
    const writtenAt = new Map<PackId, number>()
    for (;;) {
      waiting?.signal?.throwIfAborted()
      const read = await known.read(waiting)
      const now = clock.monotonic()
      const isDue = (packId: PackId) =>
        now - (writtenAt.get(packId) ?? Number.NEGATIVE_INFINITY) >= WRITTEN_WITHIN_MS
      const due = packsOf(read.packs).filter(isDue)
      const writeTo = async (packId: PackId) => {
        await write(await this.of(packId, waiting))
        writtenAt.set(packId, clock.monotonic())
      }
      await Promise.all(due.map(writeTo))
      if (due.length === 0 && known.isCurrent(read)) return
    }
  }

  #open(packId: PackId, summary: PackSummary | null, waiting?: Waiting): Promise<PackIndex> {
    const opening = this.#deps.open(packId, summary, waiting)
    this.#opened.set(packId, opening)
    // Tried again by whoever needs it next.
    opening.catch(() => {
      if (this.#opened.get(packId) === opening) this.#opened.delete(packId)
    })
    return opening
  }
}
