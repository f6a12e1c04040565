import type { ImportId } from '../ids.ts'
import { pause } from '../lead.ts'
import type { Waiting } from '../ports/waiting.ts'
import { endBegunRows } from './end-begun-rows.ts'
import { takeInParts } from './erase-import.ts'
import { goOn } from './go-on.ts'
import type { Import } from './import.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'

/** Whoever was told to let go of a row ends within so long, as a rule. */
const SETTLE_MS = 2_000

interface UnderWay {
  /** Rows of an import that this process has under way. */
  countOf(id: ImportId): number
}

type CancellationOptions = Pick<ImporterOptions, 'onRow' | 'everyMs' | 'settleMs'>

/** Imports that were cancelled: their rows that wait end, and the pictures of these are removed. */
export class CancelledImports {
  readonly #deps: Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'>
  readonly #options: CancellationOptions
  #hasSeenAll = false

  constructor(deps: Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'>, options: CancellationOptions) {
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
  async #look(underWay: UnderWay, waiting: { readonly signal: AbortSignal }): Promise<void> {
    const { records } = this.#deps.imports
    const cancelled = this.#hasSeenAll
      ? await records.listCancelling(waiting)
      : await records.listByState(['cancelled'], waiting)
    for (const made of cancelled) await this.#cancel(made, underWay, waiting)
    this.#hasSeenAll = true
  }

  async #cancel(made: Import, underWay: UnderWay, waiting: { readonly signal: AbortSignal }): Promise<void> {
    const { imports, gallery } = this.#deps
    const { rows, areAll } = await this.#cancelRows(made.id, waiting)
    if (made.endedAt !== null) {
      if (rows > 0) await goOn(this.#deps, made.id, waiting)
      return
    }
    if (!areAll || underWay.countOf(made.id) > 0) return
    const { onRow, settleMs = SETTLE_MS } = this.#options
    if ((await endBegunRows(this.#deps, { made, onRow, settleMs }, waiting)) > 0) return
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
