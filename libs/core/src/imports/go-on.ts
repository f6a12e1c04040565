import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImportId } from '../ids.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findImport } from './find-import.ts'
import type { Import } from './import.ts'

/**
 * Rows wait that whoever is about to end the import has perhaps not seen. One that is done goes on; one that was cancelled has
 * not ended yet; one that is running gets a new rev, so that an end that was decided before is not written. Null if it is gone.
 */
export async function goOn(
  { gallery, imports }: { readonly gallery: Pick<GalleryPorts, 'clock'>; readonly imports: ImportStore },
  id: ImportId,
  waiting?: Waiting,
): Promise<Import | null> {
  for (;;) {
    const before = await findImport(imports, id, waiting)
    if (before === null || before.state === 'open' || before.state === 'paused') return before
    const state = before.state === 'cancelled' ? 'cancelled' : 'running'
    const changes = { state, endedAt: null, updatedAt: gallery.clock.now() } as const
    const after = await imports.records.update(before, changes, waiting)
    if (after !== null) return after
  }
}
