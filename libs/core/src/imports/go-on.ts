import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImportId } from '../ids.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findImport } from './find-import.ts'
import type { Import, ImportState } from './import.ts'

/**
 * Rows wait that whoever is about to end the import has perhaps not seen. An import in one of the states that have ended
 * goes on; one that is running gets a new rev, so that an end that was decided before is not written. Null if it is gone.
 */
export async function goOn(
  { gallery, imports }: { readonly gallery: Pick<GalleryPorts, 'clock'>; readonly imports: ImportStore },
  { id, from }: { readonly id: ImportId; readonly from: readonly ImportState[] },
  waiting?: Waiting,
): Promise<Import | null> {
  for (;;) {
    const before = await findImport(imports, id, waiting)
    if (before === null) return null
    if (before.state !== 'running' && !from.includes(before.state)) return before
    const changes = { state: 'running', endedAt: null, updatedAt: gallery.clock.now() } as const
    const after = await imports.records.update(before, changes, waiting)
    if (after !== null) return after
  }
}
