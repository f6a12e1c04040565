import { AppError } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId, ImportId, PersonId } from '../ids.ts'
import { createPerson, type PersonDraft } from '../persons/create-person.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { Person } from '../persons/person.ts'
import { updatePerson } from '../persons/update-person.ts'
import type { BoundPerson, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportPolicies } from './import.ts'
import { type ImportRow, personKeyOf } from './import-row.ts'
import { PERSON_DELETED, type RowOutcome } from './row-outcome.ts'
import { isTooOldToRestore, waitedTooLong } from './row-restore.ts'

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

/** Two persons with one external id: nobody can tell which of them is meant. */
const AMBIGUOUS = 2

/**
 * Finds whom a row means, and settles it for all rows that mean the same person, in whatever process they are worked on.
 * Nothing is written to the gallery. In a dry run nothing is settled for a person who would have to be made.
 */
export async function personOfRow(deps: PersonDeps, work: RowWork, waiting?: Waiting): Promise<PersonOfRow> {
  const { importId: id, row } = work
  const personKey = personKeyOf(row.person)
  const bound = await deps.imports.persons.find(id, personKey, waiting)
  if (bound !== null) return personOfBound(deps, { work, bound }, waiting)
  const found = await lookUp(deps, work, waiting)
  if (found.is === 'impossible' || work.policies.dryRun) return found
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
 * and the row must not bring the person back under the new id.
 */
async function unlessGone(
  deps: PersonDeps,
  { work, found }: { readonly work: RowWork; readonly found: PersonOfRow },
  waiting?: Waiting,
): Promise<PersonOfRow> {
  const row = await deps.imports.rows.find(work.importId, work.row.key, waiting)
  return row === null ? { is: 'impossible', outcome: PERSON_DELETED } : found
}

/**
 * Whoever was merged into somebody else since stands for that person. Whoever was not made after all, as after a picture without a
 * face, leaves the external id to a person who came by another way meanwhile.
 */
async function personOfBound(
  deps: PersonDeps,
  { work, bound }: { readonly work: RowWork; readonly bound: BoundPerson },
  waiting?: Waiting,
): Promise<PersonOfRow> {
  const { personId, isMade } = bound
  const owner = (await findOwners(deps.gallery.records, { ids: [personId] }, waiting)).get(personId)
  if (owner === undefined && isMade && work.row.person.by === 'externalId') {
    const other = await lookUp(deps, work, waiting)
    if (other.is !== 'to-be-made') return other
  }
  const is = isMade ? 'to-be-made' : 'found'
  return { is, personId: owner?.id ?? personId, hasRecord: owner !== undefined }
}

async function lookUp(deps: PersonDeps, { row }: RowWork, waiting?: Waiting): Promise<PersonOfRow> {
  const { gallery } = deps
  const { person } = row
  const newPerson = () => {
    return { is: 'to-be-made', personId: gallery.newId() as PersonId, hasRecord: false } as const
  }
  if (person.by === 'key') return newPerson()
  if (person.by === 'id') {
    const there = await findVisiblePerson(gallery, person.id, waiting)
    return { is: there === null ? 'to-be-made' : 'found', personId: person.id, hasRecord: true }
  }
  const query = { externalId: person.externalId, nowMs: gallery.clock.now() }
  const named = await gallery.records.persons.list(query, { page: 1, size: AMBIGUOUS }, waiting)
  // Somebody who is about to be merged has the same external id as whom they are merged into, for a moment.
  const items = named.items.filter((one) => !named.items.some(({ id }) => id === one.mergedInto))
  if (items.length === AMBIGUOUS) {
    const why = 'several persons of the gallery have this external id'
    return { is: 'impossible', outcome: { kind: 'invalid', field: 'person.externalId', why } }
  }
  const [only] = items
  return only === undefined ? newPerson() : { is: 'found', personId: only.id, hasRecord: true }
}

/** `person`: as it was right after; null if it was not looked at again. */
export type WrittenPerson =
  | { readonly is: 'written'; readonly person: Person | null }
  | { readonly is: 'refused'; readonly outcome: RowOutcome }

/** Writes the person of a row: makes them, once, or changes them where the import's policy says so. Not in a dry run. */
export async function writePersonOfRow(
  gallery: GalleryPorts,
  work: RowWork & { readonly person: Exclude<PersonOfRow, { is: 'impossible' }> },
  waiting?: Waiting,
): Promise<WrittenPerson> {
  const { row, person, policies } = work
  if (policies.dryRun) return { is: 'written', person: null }
  const fields = {
    ...(row.name === undefined ? {} : { name: row.name }),
    ...(row.metadata === undefined ? {} : { metadata: row.metadata }),
    ...(row.expireAt === undefined ? {} : { expireAt: row.expireAt }),
  }
  const there = await findVisiblePerson(gallery, person.personId, waiting)
  if (there === null && person.is === 'found') return refused(PERSON_DELETED)
  if (there === null && isTooOldToRestore(gallery, row)) return refused(waitedTooLong())
  const groups = [...new Set([...work.groups, ...(row.groups ?? [])])]
  if (there === null) {
    const externalId = row.person.by === 'externalId' ? row.person.externalId : null
    const draft = { id: person.personId, name: '', metadata: '{}', expireAt: null, externalId, ...fields }
    return makePerson(gallery, { ...draft, groups }, waiting)
  }
  if (policies.onConflict === 'keep' || isEmpty(fields, row)) return { is: 'written', person: there }
  const changed = await updatePerson(
    gallery,
    { id: person.personId, ...fields, ...(row.groups === undefined ? {} : { groups }) },
    waiting,
  )
  if (changed.outcome === 'updated') return { is: 'written', person: null }
  return refused(changed.outcome === 'unknown-groups' ? unknownGroups(changed.groups) : PERSON_DELETED)
}

async function makePerson(
  gallery: GalleryPorts,
  draft: PersonDraft,
  waiting?: Waiting,
): Promise<WrittenPerson> {
  try {
    const made = await createPerson(gallery, draft, waiting)
    if (made.outcome === 'created') return { is: 'written', person: made.person }
    return refused(unknownGroups(made.groups))
  } catch (fault) {
    // The id is that of somebody who was deleted, and whose tombstone is still there.
    if (fault instanceof AppError && fault.code === 'E_STALE_ID') return refused(PERSON_DELETED)
    throw fault
  }
}

function isEmpty(fields: object, row: ImportRow): boolean {
  return Object.keys(fields).length === 0 && row.groups === undefined
}

function refused(outcome: RowOutcome): WrittenPerson {
  return { is: 'refused', outcome }
}

function unknownGroups(groups: readonly GroupId[]): RowOutcome {
  return { kind: 'invalid', field: 'groups', why: `there is no group ${groups.join(', ')}` }
}
