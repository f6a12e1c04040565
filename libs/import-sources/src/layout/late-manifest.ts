import type { ArchiveItem } from '../archive/archive-item.ts'
import { EXPORT_HEAD } from '../export/export-layout.ts'
import { SourceFault } from '../source-fault.ts'
import { manifestKindOf } from './layout.ts'

const LATE = 'a manifest at the top of a tar must be its first file, and here others come before it'

/**
 * A manifest that comes after other files, which are rows by their folders by then: of other persons than the manifest says.
 * Nothing of that is mended by sending the archive again.
 */
export function lateManifest(): SourceFault {
  return new SourceFault('not-readable', LATE)
}

/** Whether it is that, by its message: a server says no more of a link. */
export function isLateManifest(message: string): boolean {
  return message.includes(LATE)
}

/** Throws `lateManifest` before a row is made of any of these. Ends early where it is clear what the archive is. */
export async function requireManifestFirst(entries: AsyncIterable<ArchiveItem>): Promise<void> {
  let isFirst = true
  for await (const item of entries) {
    if (item.kind !== 'file') continue
    const isManifest = manifestKindOf(item.path) !== null
    if (isFirst && (isManifest || item.path === EXPORT_HEAD)) return
    if (isManifest) throw lateManifest()
    isFirst = false
  }
}
