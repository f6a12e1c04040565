import type { ImportId, PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { deleteMadePersons } from './delete-import.ts'
import { eraseImport } from './erase-import.ts'
import type { Import } from './import.ts'
import type { ImporterDeps, ImporterOptions } from './importer.ts'

/** Imports that are being deleted: the persons whom they made, if asked for, and then what they are themselves. */
export class DeletedImports {
  readonly #deps: Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'> & Pick<ImporterOptions, 'onRow'>
  /** For each import whose persons go: after whom. Whoever leads next begins anew. */
  readonly #after = new Map<ImportId, PersonId | null>()

  constructor(
    { gallery, imports, staged }: Pick<ImporterDeps, 'gallery' | 'imports' | 'staged'>,
    { onRow }: Pick<ImporterOptions, 'onRow'> = {},
  ) {
    this.#deps = { gallery, imports, staged, ...(onRow === undefined ? {} : { onRow }) }
  }

  /** A part of each, so that all get on, and other imports, too: what fails with one of them is told, and met again. */
  async goOn(deleting: readonly Import[], waiting: Waiting): Promise<void> {
    for (const made of deleting) {
      try {
        if (await this.#isAlone(made, waiting)) await eraseImport(this.#deps, made.id, waiting)
      } catch (fault) {
        waiting.signal?.throwIfAborted()
        this.#deps.gallery.onDeferred('erase-import', fault)
      }
    }
  }

  async #isAlone({ id, erasesPersons }: Import, waiting: Waiting): Promise<boolean> {
    if (!erasesPersons) return true
    const after = this.#after.get(id) ?? null
    const progress = await deleteMadePersons(this.#deps, { id, after }, waiting)
    if (progress.is === 'done') this.#after.delete(id)
    else this.#after.set(id, progress.after)
    return progress.is === 'done'
  }
}
