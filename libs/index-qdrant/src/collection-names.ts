import { createHash } from 'node:crypto'
import type { PackId } from '@semblance/core'

/** What the collections of one pack are called. */
export interface CollectionNames {
  /** Searches go by this name. */
  readonly alias: string
  collectionOf(generation: string): string
  /** The generation of a collection of this pack; null for any other collection. */
  generationOf(collection: string): string | null
}

/**
 * Qdrant keeps a folder per collection, so a name is made of letters, digits and `_-.`; the hash tells packs apart
 * whose ids differ only in what was replaced.
 */
export function collectionNames(prefix: string, packId: PackId): CollectionNames {
  const hash = createHash('sha256').update(packId).digest('hex').slice(0, 8)
  const alias = `${prefix}-${packId.replaceAll(/[^A-Za-z0-9_.-]/g, '_').slice(0, 100)}-${hash}`
  const start = `${alias}--`
  return {
    alias,
    collectionOf: (generation) => start + generation,
    generationOf: (collection) => (collection.startsWith(start) ? collection.slice(start.length) : null),
  }
}
