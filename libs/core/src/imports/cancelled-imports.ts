import type { ImportId } from '../ids.ts'
import { pause } from '../lead.ts'
import type { Waiting } from '../ports/waiting.ts'
import { takeInParts } from './erase-import.ts'
import { goOn } from './go-on.ts'
import type { Import } from './import.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'

interface UnderWay {
  /** Rows of an import that this process has under way. */
  countOf(id: ImportId): number
}

/** Imports that were cancelled: their rows that wait end, and the pictures of these are removed. */
export class CancelledImports {
  readonly #deps: Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'>
  readonly #options: Pick<ImporterOptions, 'onRow' | 'everyMs'>
  #hasSeenAll = false

  constructor(
    deps: Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'>,
    options: Pick<ImporterOptions, 'onRow' | 'everyMs'>,
  ) {
    this.#deps = deps
    this.#options = options
  }

  /** Looks for them again and again until the signal aborts. */
  async keepOn(underWay: UnderWay, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#look(underWay, { signal }).catch((fault: unknown) => {
        if (!signal.aborted) this.#deps.gallery.onDeferred('end the rows of cancelled imports', fault)
      })
      await pause(this.#options.everyMs, signal)
    }
  }

  /**
   * Some thousand rows of each, so that all get on. The first time it looks at those that have ended, too: a process may have
   * added rows to one and died before it said so.
   */
  async #look(underWay: UnderWay, waiting: Waiting): Promise<void> {
    const { records } = this.#deps.imports
    const cancelled = this.#hasSeenAll
      ? await records.listCancelling(waiting)
      : await records.listByState(['cancelled'], waiting)
    for (const made of cancelled) await this.#cancel(made, underWay, waiting)
    this.#hasSeenAll = true
  }

  async #cancel(made: Import, underWay: UnderWay, waiting: Waiting): Promise<void> {
    const { imports, gallery } = this.#deps
    const { rows, areAll } = await this.#cancelRows(made.id, waiting)
    if (made.endedAt !== null) {
      if (rows > 0) await goOn(this.#deps, made.id, waiting)
      return
    }
    if (!areAll || underWay.countOf(made.id) > 0) return
    if ((await imports.rows.count(made.id, waiting)).claimed > 0) return
    // A row that was under way may have failed since, and so have kept its picture.
    if (!(await this.#cancelRows(made.id, waiting)).areAll) return
    const now = gallery.clock.now()
    await imports.records.update(made, { endedAt: now, updatedAt: now }, waiting)
  }

  /** How many rows were ended or lost their picture, and whether no other is left. */
  #cancelRows(id: ImportId, waiting: Waiting) {
    const cancel = async (limit: number) => {
      const rows = await this.#deps.imports.rows.cancel(id, limit, waiting)
      for (const { outcome } of rows) if (outcome === null) this.#options.onRow?.('cancelled')
      return rows
    }
    return takeInParts(this.#deps, cancel, waiting)
  }
}
