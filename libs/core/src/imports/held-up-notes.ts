import type { AppError, ErrorCode } from '../errors.ts'
import type { ImportId } from '../ids.ts'
import type { Clock } from '../ports/clock.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { HeldUpBy } from './import.ts'

/** A note is a write, and each row that waits would make one. */
const NOTE_EVERY_MS = 5_000

const HELD_UP_BY: Partial<Record<ErrorCode, HeldUpBy>> = {
  E_NO_WORKER: 'workers',
  E_ENGINE_UNAVAILABLE: 'workers',
  E_STORAGE_FULL: 'disk',
  E_STORE_UNAVAILABLE: 'store',
  E_PICTURES_UNAVAILABLE: 'store',
  E_INDEX_UNAVAILABLE: 'store',
  E_QUEUE_UNAVAILABLE: 'queue',
  E_OVERLOADED: 'queue',
}

/** Notes in the record of an import what its rows cannot be done without, so that any process can tell it. */
export class HeldUpNotes {
  readonly #deps: { readonly imports: ImportStore; readonly clock: Clock }
  readonly #notedAt = new Map<ImportId, number>()

  constructor(deps: { readonly imports: ImportStore; readonly clock: Clock }) {
    this.#deps = deps
  }

  /** A note that another change of the import overtook is made the next time. */
  async note(id: ImportId, fault: AppError): Promise<void> {
    const { imports, clock } = this.#deps
    const by = HELD_UP_BY[fault.code]
    const last = this.#notedAt.get(id) ?? Number.NEGATIVE_INFINITY
    if (by === undefined || clock.monotonic() - last < NOTE_EVERY_MS) return
    this.#notedAt.set(id, clock.monotonic())
    try {
      const made = await imports.records.find(id)
      if (made === null) this.#notedAt.delete(id)
      else await imports.records.update(made, { heldUp: { by, at: clock.now() }, updatedAt: made.updatedAt })
    } catch (fault) {
      // What is away may be where the note is to be: the next row tries again.
      this.#notedAt.delete(id)
      throw fault
    }
  }
}
