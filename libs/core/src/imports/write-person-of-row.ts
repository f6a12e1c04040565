import { AppError } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId } from '../ids.ts'
import { createPerson, type PersonDraft } from '../persons/create-person.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import type { Person } from '../persons/person.ts'
import { updatePerson } from '../persons/update-person.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportRow } from './import-row.ts'
import type { PersonOfRow, RowWork } from './person-of-row.ts'
import { PERSON_DELETED, type RowOutcome } from './row-outcome.ts'
import { hasExpired, isTooOldToRestore, waitedTooLong } from './row-restore.ts'

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
  if (there === null && (row.expireAt ?? Number.POSITIVE_INFINITY) <= gallery.clock.now())
    return refused(hasExpired('make'))
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
