import type { GalleryPorts } from '../gallery-ports.ts'
import { findOwners } from '../persons/merged-persons.ts'
import { isVisible, type Person } from '../persons/person.ts'
import type { BoundPerson, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { personKeyOf } from './import-row.ts'
import { dropLeftBinding, isLeftBehind, isStillThere } from './left-binding.ts'
import type { RowWork } from './person-of-row.ts'
import { PERSON_DELETED, type RowOutcome } from './row-outcome.ts'

interface SettleDeps {
  readonly gallery: GalleryPorts
  readonly imports: Pick<ImportStore, 'rows' | 'persons'>
}

type NamedWork = Pick<RowWork, 'importId' | 'row'>

/** Whom the row meant as it was looked at is not whom it means now, and nobody says that this one was deleted. */
const MEANS_ANOTHER: RowOutcome = {
  kind: 'failed',
  why: 'the row has come to mean another person while it was worked on',
  isPassing: true,
}

/**
 * What came of a row whose person was gone at its last step. Whoever deleted the person took them out of all rows that were bound to
 * them by then. This row was bound later, and would keep their name and picture. The key may stand for somebody else by now, who is
 * there or is still to be made, as after a merge: then the row means that one. And whoever has expired is erased once they are marked,
 * since only then it is known which rows are theirs.
 */
export async function settleDeleted(
  { gallery, imports }: SettleDeps,
  { importId: id, row }: NamedWork,
  waiting?: Waiting,
): Promise<RowOutcome> {
  const { bound, owner } = await meantNow({ gallery, imports }, { importId: id, row }, waiting)
  if (bound !== null && isLeftBehind(row, bound, owner))
    await dropLeftBinding(imports, { id, bound }, waiting)
  else if (bound !== null && isGoing(row, owner)) await gallery.eraseFromImports?.(bound.personId, waiting)
  else if (owner !== undefined && !isVisible(owner, gallery.clock.now())) return PERSON_DELETED
  return (await isStillThere(imports, { id, row }, waiting)) ? MEANS_ANOTHER : PERSON_DELETED
}

/** The outcome of a row that brings somebody back, unless they are part of another person who is there. */
export async function unlessMerged(
  deps: SettleDeps,
  { job, outcome }: { readonly job: NamedWork; readonly outcome: RowOutcome },
  waiting?: Waiting,
): Promise<RowOutcome> {
  const { owner } = await meantNow(deps, job, waiting)
  return owner !== undefined && isVisible(owner, deps.gallery.clock.now()) ? MEANS_ANOTHER : outcome
}

function isGoing({ person }: NamedWork['row'], owner: Person | undefined): boolean {
  return owner === undefined ? person.by === 'id' : owner.state !== 'live'
}

interface Meant {
  readonly bound: BoundPerson | null
  readonly owner: Person | undefined
}

async function meantNow(
  { gallery, imports }: SettleDeps,
  { importId, row }: NamedWork,
  waiting?: Waiting,
): Promise<Meant> {
  const bound = await imports.persons.find(importId, personKeyOf(row.person), waiting)
  if (bound === null) return { bound, owner: undefined }
  const { personId } = bound
  const owner = (await findOwners(gallery.records, { ids: [personId] }, waiting)).get(personId)
  return { bound, owner }
}
