import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId, ImportId, PersonId } from '../ids.ts'
import { markExpired } from '../persons/expire-person.ts'
import { findOwners } from '../persons/merged-persons.ts'
import { isVisible, type Person } from '../persons/person.ts'
import { useUpPersonId } from '../persons/use-up-person-id.ts'
import type { BoundPerson, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportPolicies } from './import.ts'
import { type ImportRow, personKeyOf } from './import-row.ts'
import { dropLeftBinding, isLeftBehind, isStillThere } from './left-binding.ts'
import { ROW_OF_DELETED, type RowOutcome } from './row-outcome.ts'

export interface RowWork {
  readonly importId: ImportId
  readonly policies: ImportPolicies
  /** Groups of the import; each person who is made joins them. */
  readonly groups: readonly GroupId[]
  readonly row: ImportRow
}

export interface PersonDeps {
  readonly gallery: GalleryPorts
  readonly imports: Pick<ImportStore, 'persons' | 'rows'>
}

/** The person of a row is there, or will be, or never can be. */
export type PersonOfRow =
  | {
      readonly is: 'found' | 'to-be-made'
      readonly personId: PersonId
      /** False: the gallery has no record of the person, and so no picture either. */
      readonly hasRecord: boolean
    }
  | { readonly is: 'impossible'; readonly outcome: RowOutcome }

/** What was seen has changed by that: it is to be looked at anew. */
type Looked = PersonOfRow | { readonly is: 'changed' }

/** Two persons with one external id: nobody can tell which of them is meant. */
const AMBIGUOUS = 2
/** Persons with one external id, those who have expired and are still to be erased included. */
const MOST_NAMED = 10
/** Each look but the last saw that somebody has gone, and each such person is met once. */
const MOST_LOOKS = 5
/** The store that says when somebody expires has not said so yet, or deletions come one after the other. */
const BEING_DELETED: RowOutcome = {
  kind: 'failed',
  why: 'the person is about to be deleted',
  isPassing: true,
}

/**
 * Finds whom a row means, and settles it for all rows that mean the same person, in whatever process they are worked on.
 * Nothing is written to the gallery. In a dry run nothing is settled for a person who would have to be made.
 */
export async function personOfRow(deps: PersonDeps, work: RowWork, waiting?: Waiting): Promise<PersonOfRow> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const person = await look(deps, work, waiting)
    if (person.is !== 'changed') return person
  }
  return { is: 'impossible', outcome: BEING_DELETED }
}

async function look(deps: PersonDeps, work: RowWork, waiting?: Waiting): Promise<Looked> {
  const { importId: id, row } = work
  const personKey = personKeyOf(row.person)
  const bound = await deps.imports.persons.find(id, personKey, waiting)
  if (bound !== null) return personOfBound(deps, { work, bound }, waiting)
  const found = await lookUp(deps, work, waiting)
  if (found.is === 'impossible' || found.is === 'changed') return found
  // Whoever is there may be deleted, whatever their external id is by then, and rows of a dry run tell of them as well.
  if (work.policies.dryRun && found.is === 'to-be-made') return found
  const { personId } = found
  const first = await deps.imports.persons.bind(
    { id, personKey, personId, isMade: found.is === 'to-be-made' },
    waiting,
  )
  // An id that was made right now stands for nobody else yet.
  if (first.personId === personId && !found.hasRecord) return unlessGone(deps, { work, found }, waiting)
  return personOfBound(deps, { work, bound: first }, waiting)
}

/**
 * The person whom the row names may have been deleted since it was claimed. Whoever did so took the row away before the binding,
 * and the row must not bring the person back under the new id, which rows that came later may have by now.
 */
async function unlessGone(
  { imports }: PersonDeps,
  { work, found }: { readonly work: RowWork; readonly found: Exclude<PersonOfRow, { is: 'impossible' }> },
  waiting?: Waiting,
): Promise<PersonOfRow> {
  const { importId: id, row } = work
  if (await isStillThere(imports, { id, row }, waiting)) return found
  const { personId } = found
  await imports.persons.unbind({ id, personKey: personKeyOf(row.person), personId }, waiting)
  return { is: 'impossible', outcome: ROW_OF_DELETED }
}

/**
 * Whoever was merged into somebody else since stands for that person. Whoever was not made after all, as after a picture without a
 * face, leaves the external id to a person who came by another way meanwhile.
 */
async function personOfBound(
  deps: PersonDeps,
  { work, bound }: { readonly work: RowWork; readonly bound: BoundPerson },
  waiting?: Waiting,
): Promise<Looked> {
  const { personId, isMade } = bound
  const owner = (await findOwners(deps.gallery.records, { ids: [personId] }, waiting)).get(personId)
  if (owner === undefined && isMade && work.row.person.by === 'externalId') {
    const other = await lookUp(deps, work, waiting)
    if (other.is === 'changed') return other
    if (other.is !== 'to-be-made') {
      // The key has to stand for whoever it is, or the rows would outlast them. So nobody is made under this id, however late.
      await useUpPersonId(deps.gallery, personId, waiting)
      return { is: 'changed' }
    }
  }
  if (isLeftBehind(work.row, bound, owner)) {
    const place = { id: work.importId, row: work.row }
    const isThere = await isStillThere(deps.imports, place, waiting)
    await dropLeftBinding(deps.imports, { id: work.importId, bound }, waiting)
    return isThere ? { is: 'changed' } : { is: 'impossible', outcome: ROW_OF_DELETED }
  }
  if (owner !== undefined && (await hasGone(deps, { work, bound, owner }, waiting))) return { is: 'changed' }
  const is = isMade ? 'to-be-made' : 'found'
  return { is, personId: owner?.id ?? personId, hasRecord: owner !== undefined }
}

/**
 * Whether the person whom the import means has gone, and the row came later: then the import means them no more. Who has expired is
 * not waited for.
 */
async function hasGone(
  { gallery, imports }: PersonDeps,
  given: { readonly work: RowWork; readonly bound: BoundPerson; readonly owner: Person },
  waiting?: Waiting,
): Promise<boolean> {
  const { work, bound, owner } = given
  const { importId, row, policies } = work
  // An id stands for nobody else, ever.
  if (isVisible(owner, gallery.clock.now()) || row.person.by === 'id') return false
  if (owner.state === 'live') {
    if (policies.dryRun) return false
    if (!(await markExpired(gallery, owner.id, waiting))) return true
  }
  const now = await imports.persons.find(importId, bound.personKey, waiting)
  if (now?.personId !== bound.personId) return true
  if (isBoundTooLate(now, owner)) {
    await dropLeftBinding(imports, { id: importId, bound }, waiting)
    return true
  }
  if (now.upTo === undefined || row.position <= now.upTo || gallery.eraseFromImports === undefined)
    return false
  await gallery.eraseFromImports(bound.personId, waiting)
  return true
}

/**
 * Whoever goes is sealed in all imports before the mark, so that what has no last row was bound after that, by a slow worker. Whoever
 * was being merged as the other one went may not have been sealed.
 */
function isBoundTooLate({ personId, upTo }: BoundPerson, { id, mergedInto }: Person): boolean {
  return upTo === undefined && id === personId && mergedInto == null
}

async function lookUp(deps: PersonDeps, work: RowWork, waiting?: Waiting): Promise<Looked> {
  const { gallery } = deps
  const { row, policies } = work
  const { person } = row
  const newPerson = () => {
    return { is: 'to-be-made', personId: gallery.newId() as PersonId, hasRecord: false } as const
  }
  if (person.by === 'key') return newPerson()
  if (person.by === 'id') {
    const owner = (await findOwners(gallery.records, { ids: [person.id] }, waiting)).get(person.id)
    const isThere = owner !== undefined && isVisible(owner, gallery.clock.now())
    return { is: isThere ? 'found' : 'to-be-made', personId: person.id, hasRecord: true }
  }
  const { there, expired } = await named(gallery, person.externalId, waiting)
  if (there.length >= AMBIGUOUS) {
    const why = 'several persons of the gallery have this external id'
    return { is: 'impossible', outcome: { kind: 'invalid', field: 'person.externalId', why } }
  }
  const [only] = there
  if (only !== undefined) return { is: 'found', personId: only.id, hasRecord: true }
  if (expired.length === 0 || policies.dryRun) return newPerson()
  // The row may have been sent before they expired; whoever marks them settles that.
  for (const { id } of expired) await markExpired(gallery, id, waiting)
  return { is: 'changed' }
}

/** Who has this external id, and who had it until they expired and are still to be erased. */
async function named(
  { records, clock }: Pick<GalleryPorts, 'records' | 'clock'>,
  externalId: string,
  waiting?: Waiting,
): Promise<{ readonly there: readonly Person[]; readonly expired: readonly Person[] }> {
  const now = clock.now()
  // As of the epoch, nobody has expired.
  const [first, size] = [{ externalId, nowMs: 0 }, MOST_NAMED]
  const { items, totalPages } = await records.persons.list(first, { page: 1, size }, waiting)
  const visible =
    totalPages > 1
      ? (await records.persons.list({ externalId, nowMs: now }, { page: 1, size }, waiting)).items
      : items.filter((one) => isVisible(one, now))
  return {
    // Somebody who is about to be merged has the same external id as whom they are merged into, for a moment.
    there: visible.filter((one) => !visible.some(({ id }) => id === one.mergedInto)),
    expired: items.filter((one) => !isVisible(one, now)),
  }
}
