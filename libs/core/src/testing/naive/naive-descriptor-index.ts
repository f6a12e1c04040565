import type { Descriptor } from '../../descriptor.ts'
import type { ImageId, PackId } from '../../ids.ts'
import type { DescriptorIndex, IndexEntry, IndexPayload } from '../../ports/descriptor-index.ts'
import type { Waiting } from '../../ports/waiting.ts'
import { passes, searchNaively } from './search-naively.ts'

export interface NaiveDescriptorIndex extends DescriptorIndex {
  /** All it holds, by increasing image id. */
  entries(): readonly IndexEntry[]
}

/** Looks at everything and sorts: nothing to get wrong. */
export function createNaiveDescriptorIndex(setup: {
  readonly packId: PackId
  readonly dimensions: number
}): NaiveDescriptorIndex {
  const held = new Map<ImageId, IndexEntry>()
  const answer = async <T>(waiting: Waiting | undefined, work: () => T): Promise<T> => {
    waiting?.signal?.throwIfAborted()
    return work()
  }
  const accept = (descriptor: Descriptor) => {
    const { packId, values } = descriptor
    if (packId !== setup.packId) throw new TypeError('a descriptor of another pack')
    if (values.length !== setup.dimensions || values.some(Number.isNaN)) throw new TypeError('no descriptor')
    return { packId, values: values.slice() }
  }
  const idsAfter = (after: ImageId | null) => [...held.keys()].filter((id) => id > (after ?? '')).toSorted()
  return {
    entries: () => idsAfter(null).map((id) => held.get(id)!),
    upsert: (entries, waiting) =>
      answer(waiting, () => {
        const accepted = entries.map((entry) => ({ ...entry, descriptor: accept(entry.descriptor) }))
        for (const entry of accepted) {
          if (!isLate(entry.payload, held.get(entry.imageId)?.payload)) held.set(entry.imageId, entry)
        }
      }),
    updatePayload: (payload, waiting) => answer(waiting, () => renew(held, payload)),
    remove: (imageIds, waiting) =>
      answer(waiting, () => {
        for (const id of imageIds) held.delete(id)
      }),
    search: (probe, query, waiting) =>
      answer(waiting, () => searchNaively(held.values(), accept(probe), query)),
    searchMany: (probes, query, waiting) =>
      answer(waiting, () =>
        probes.map(({ descriptor, exclude }) =>
          searchNaively(held.values(), accept(descriptor), { ...query, exclude, imagesPerPerson: 1 }),
        ),
      ),
    listImageIds: ({ after, limit }, waiting) => answer(waiting, () => idsAfter(after).slice(0, limit)),
    count: (waiting) => answer(waiting, () => held.size),
    countMatching: (filter, waiting) =>
      answer(waiting, () => [...held.values()].filter(({ payload }) => passes(payload, filter)).length),
    sampleMatching: ({ filter, limit }, waiting) =>
      answer(waiting, () => {
        const matching = [...held.values()].filter(({ payload }) => passes(payload, filter))
        const step = Math.max(1, matching.length / limit)
        const count = Math.min(limit, matching.length)
        return Array.from({ length: count }, (_, at) => matching[Math.floor(at * step)]!.payload.personId)
      }),
    check: (waiting) => answer(waiting, () => undefined),
    close: async () => {},
  }
}

function isLate(payload: IndexPayload, there: IndexPayload | undefined): boolean {
  return there?.personId === payload.personId && there.rev > payload.rev
}

function renew(held: Map<ImageId, IndexEntry>, payload: IndexPayload): void {
  for (const entry of held.values()) {
    if (entry.payload.personId !== payload.personId || entry.payload.rev >= payload.rev) continue
    held.set(entry.imageId, { ...entry, payload })
  }
}
