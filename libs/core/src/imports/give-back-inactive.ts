import type { GalleryPorts } from '../gallery-ports.ts'
import { pause } from '../lead.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { RowsUnderWay } from './rows-under-way.ts'

interface GiveBackDeps {
  readonly gallery: Pick<GalleryPorts, 'onDeferred'>
  readonly imports: Pick<ImportStore, 'records'>
}

/**
 * Has rows given back on which no work has begun, once their import is paused, cancelled or deleted by whichever process: who
 * cancels expects that hardly anything more is enrolled. Looks again and again until the signal aborts.
 */
export async function giveBackInactive(
  { gallery, imports }: GiveBackDeps,
  { underWay, everyMs }: { readonly underWay: RowsUnderWay; readonly everyMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await pause(everyMs, signal)
    if (signal.aborted || underWay.isEmpty) continue
    try {
      const active = await imports.records.listByState(['open', 'running'], { signal })
      underWay.giveBackAllBut(new Set(active.map(({ id }) => id)))
    } catch (fault) {
      if (!signal.aborted) gallery.onDeferred('look for imports whose rows are not to begin', fault)
    }
  }
}
