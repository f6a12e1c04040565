import { createHash } from 'node:crypto'
import type { SourceItem } from '../source-row.ts'

/** A problem keeps a digest of what stood in its place; all else is left as it is. */
export function withContents(item: SourceItem, stood: Uint8Array | string): SourceItem {
  if (item.kind !== 'problem') return item
  return { ...item, contents: createHash('sha256').update(stood).digest('hex') }
}
