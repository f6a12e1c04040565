import type { PackId } from '../ids.ts'
import type { DescriptorIndex, IndexEntry } from '../ports/descriptor-index.ts'
import type { Waiting } from '../ports/waiting.ts'

/** What an `IndexByPack` looks up at each call. */
export interface IndexesOfPacks {
  readonly serving: DescriptorIndex
  /** By the pack that its descriptors are of, the serving one included. */
  of(packId: PackId): DescriptorIndex | null
  readonly all: readonly DescriptorIndex[]
}

/**
 * The indexes of several packs as one. A vector is written to, and a probe is searched in, the index of the pack that it is
 * of; so a search that began before another pack came to serve ends among the descriptors that it can be compared with.
 * Whatever takes away or changes is done in all of them. What is counted and listed is what serves.
 */
export class IndexByPack implements DescriptorIndex {
  readonly #indexes: IndexesOfPacks

  constructor(indexes: IndexesOfPacks) {
    this.#indexes = indexes
  }

  /** A descriptor of a pack that has no index here is refused as the serving one refuses it. */
  async upsert(entries: readonly IndexEntry[], waiting?: Waiting): Promise<void> {
    const byPack = Map.groupBy(entries, ({ descriptor }) => descriptor.packId)
    for (const [packId, some] of byPack) await this.#of(packId).upsert(some, waiting)
  }

  updatePayload: DescriptorIndex['updatePayload'] = async (payload, waiting) => {
    for (const index of this.#indexes.all) await index.updatePayload(payload, waiting)
  }

  remove: DescriptorIndex['remove'] = async (imageIds, waiting) => {
    for (const index of this.#indexes.all) await index.remove(imageIds, waiting)
  }

  search: DescriptorIndex['search'] = (probe, query, waiting) =>
    this.#of(probe.packId).search(probe, query, waiting)

  /** All probes of one call are of one pack. */
  searchMany: DescriptorIndex['searchMany'] = (probes, query, waiting) => {
    const packId = probes[0]?.descriptor.packId
    const index = packId === undefined ? this.#indexes.serving : this.#of(packId)
    return index.searchMany(probes, query, waiting)
  }

  listImageIds: DescriptorIndex['listImageIds'] = (query, waiting) =>
    this.#indexes.serving.listImageIds(query, waiting)

  count: DescriptorIndex['count'] = (waiting) => this.#indexes.serving.count(waiting)

  countMatching: DescriptorIndex['countMatching'] = (filter, waiting) =>
    this.#indexes.serving.countMatching(filter, waiting)

  sampleMatching: DescriptorIndex['sampleMatching'] = (query, waiting) =>
    this.#indexes.serving.sampleMatching(query, waiting)

  async check(waiting?: Waiting): Promise<void> {
    for (const index of this.#indexes.all) await index.check(waiting)
  }

  async close(): Promise<void> {
    await Promise.all(this.#indexes.all.map((index) => index.close()))
  }

  #of(packId: PackId): DescriptorIndex {
    return this.#indexes.of(packId) ?? this.#indexes.serving
  }
}
