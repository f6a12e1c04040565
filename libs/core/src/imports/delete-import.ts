import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImportId, PersonId } from '../ids.ts'
import { inLanes } from '../in-lanes.ts'
import { deletePerson } from '../persons/delete-person.ts'
import { isVisible } from '../persons/person.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { type EraseDeps, erasePersonFromImports } from './erase-import.ts'
import { findImport } from './find-import.ts'
import type { Import } from './import.ts'

interface CountDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'clock'>
  readonly imports: ImportStore
}

/** Persons listed at a time, and deleted in one go: a second or two, after which other imports have their turn. */
const PART = 100
/** Persons deleted side by side: each waits for the stores most of its time. */
const DELETED_AT_ONCE = 8

export type DeleteWithPersonsOutcome =
  | { readonly outcome: 'deleting' }
  | { readonly outcome: 'import-not-found' }
  /** It may make persons yet, of whom nobody knows. */
  | { readonly outcome: 'not-ended'; readonly state: Import['state']; readonly underWay: number }
  | { readonly outcome: 'other-count'; readonly persons: number }

/**
 * How many persons this import made who are still there; null if there is no such import. One that is deleted with its
 * persons is there until they are gone, so that whoever asked for it can follow it.
 */
export async function countMadePersons(
  deps: CountDeps,
  id: ImportId,
  waiting?: Waiting,
): Promise<number | null> {
  const made = await deps.imports.records.find(id, waiting)
  const isThere = made !== null && (made.state !== 'deleting' || made.erasesPersons === true)
  return isThere ? countMade(deps, id, waiting) : null
}

/**
 * Has an import deleted, and before it all persons whom it made, if there are `count` of them. Once this resolves, it is
 * remembered until it is done.
 */
export async function deleteImportWithPersons(
  deps: CountDeps,
  asked: { readonly id: ImportId; readonly count: number },
  waiting?: Waiting,
): Promise<DeleteWithPersonsOutcome> {
  const { imports, gallery } = deps
  for (;;) {
    const before = await findImport(imports, asked.id, waiting)
    if (before === null) return { outcome: 'import-not-found' }
    const { state } = before
    const { claimed } = await imports.rows.count(asked.id, waiting)
    if ((state !== 'done' && state !== 'cancelled') || claimed > 0)
      return { outcome: 'not-ended', state, underWay: claimed }
    const persons = await countMade(deps, asked.id, waiting)
    if (persons !== asked.count) return { outcome: 'other-count', persons }
    const updatedAt = gallery.clock.now()
    const changes = { state: 'deleting', takesRows: false, erasesPersons: true, updatedAt } as const
    if ((await imports.records.update(before, changes, waiting)) !== null) return { outcome: 'deleting' }
  }
}

async function countMade({ gallery, imports }: CountDeps, id: ImportId, waiting?: Waiting): Promise<number> {
  let count = 0
  for (let after: PersonId | null = null; ; ) {
    const ids: readonly PersonId[] = await imports.persons.listMade({ id, after, limit: PART }, waiting)
    const persons = await gallery.records.persons.findMany(ids, waiting)
    const now = gallery.clock.now()
    count += persons.filter((person) => isVisible(person, now)).length
    after = ids.at(-1) ?? null
    if (ids.length < PART) return count
  }
}

/** After whom the deletion of an import's persons goes on; null: from the first one. */
export type DeletionProgress =
  | { readonly is: 'under-way'; readonly after: PersonId | null }
  | { readonly is: 'done' }

/**
 * Deletes some of the persons whom the import made, pictures and all, and tells where to go on: from the first one each time
 * would mean to look again and again at those who stay. It is done once a look from the first one on finds nobody.
 */
export async function deleteMadePersons(
  { gallery, ...deps }: EraseDeps & { readonly gallery: GalleryPorts },
  { id, after }: { readonly id: ImportId; readonly after: PersonId | null },
  waiting: Waiting,
): Promise<DeletionProgress> {
  const ids = await deps.imports.persons.listMade({ id, after, limit: PART }, waiting)
  // The erasure is done with here, and not left to run behind an answer that nobody waits for.
  // Nor do rows of other imports mean who goes, by name alone: whoever takes an import back may have sent the right one already.
  const bindInImports: typeof gallery.bindInImports = (going, patience) =>
    gallery.bindInImports?.({ ...going, externalId: null }, patience) ?? Promise.resolve([])
  const own = { ...gallery, background: undefined, bindInImports }
  await inLanes(ids, { width: DELETED_AT_ONCE, signal: waiting.signal }, async (personId) => {
    await deletePerson(own, personId)
    // Once more for those whom somebody else deleted, or who were never written: else they would be listed for ever.
    await erasePersonFromImports(deps, personId, waiting)
  })
  waiting.signal?.throwIfAborted()
  if (ids.length === 0 && after === null) return { is: 'done' }
  return { is: 'under-way', after: ids.length < PART ? null : (ids.at(-1) ?? null) }
}
