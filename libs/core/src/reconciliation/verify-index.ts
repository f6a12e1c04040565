import type { GalleryPorts } from '../gallery-ports.ts'
import type { PackId } from '../ids.ts'
import type { DescriptorIndex } from '../ports/descriptor-index.ts'
import type { IndexCopy, RebuildableIndex } from '../ports/rebuildable-index.ts'
import { type CompareOptions, compareIndex, type IndexComparison } from './compare-index.ts'

/**
 * Compares the serving index with the store and, if asked, puts it right: vectors of images that are gone are removed,
 * never those of `pending` ones, and missing ones are added. Stale payloads are seen only where the index can list them.
 */
export function verifyIndex(
  gallery: Pick<GalleryPorts, 'records' | 'onDamage'> & {
    readonly index: DescriptorIndex | RebuildableIndex
    /** As in `Compared`. */
    readonly packId?: PackId | undefined
  },
  options: CompareOptions,
): Promise<IndexComparison> {
  const { records, index, onDamage, packId } = gallery
  const listVectors: IndexCopy['listVectors'] = canListVectors(index)
    ? (query, waiting) => index.listVectors(query, waiting)
    : async (query, waiting) => {
        const ids = await index.listImageIds(query, waiting)
        return ids.map((imageId) => ({ imageId, payload: null }))
      }
  const copy: IndexCopy = {
    upsert: (entries, waiting) => index.upsert(entries, waiting),
    updatePayload: (payload, waiting) => index.updatePayload(payload, waiting),
    remove: (imageIds, waiting) => index.remove(imageIds, waiting),
    count: (waiting) => index.count(waiting),
    listVectors,
  }
  return compareIndex({ records, copy, onDamage, packId }, options)
}

/** The member itself is asked for: behind a stand-in, `in` sees only the stand-in. */
function canListVectors(index: DescriptorIndex): index is RebuildableIndex {
  const { listVectors } = index as Partial<RebuildableIndex>
  return typeof listVectors === 'function'
}
