import type { GalleryPorts } from '../gallery-ports.ts'
import type { GroupId, PersonId } from '../ids.ts'
import { dropDeadGroups } from '../persons/change-person.ts'
import { newPerson } from '../persons/create-person.ts'
import { findVisiblePerson } from '../persons/find-visible-person.ts'
import type { Person } from '../persons/person.ts'
import { updatePerson } from '../persons/update-person.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { RowWork } from './person-of-row.ts'
import { groupsForRestore } from './restore-group.ts'
import type { RowOutcome } from './row-outcome.ts'
import {
  deletedHere,
  hasExpired,
  isTooOldToRestore,
  type RestoredPerson,
  waitedTooLong,
} from './row-restore.ts'
import type { WrittenPerson } from './write-person-of-row.ts'

interface RestoreDeps {
  readonly gallery: GalleryPorts
  readonly imports: Pick<ImportStore, 'rows'>
}

interface PersonWork extends RowWork {
  readonly personId: PersonId
  readonly restored: RestoredPerson
}

type Fields = Pick<Person, 'name' | 'externalId' | 'metadata' | 'expireAt' | 'groups'>

/**
 * Brings a person back under their id, with the fields and times that they had. Somebody who is there is kept or changed, as
 * the policy says; a tombstone stays. Every row of a person's pictures does this: whichever is the first makes the person.
 */
export async function restorePerson(
  deps: RestoreDeps,
  work: PersonWork,
  waiting?: Waiting,
): Promise<WrittenPerson> {
  const refused = await restoreOrRefuse(deps, work, waiting)
  return refused === null ? { is: 'written', person: null } : { is: 'refused', outcome: refused }
}

/** Null if it went well; else how the row ends. */
async function restoreOrRefuse(
  deps: RestoreDeps,
  work: PersonWork,
  waiting?: Waiting,
): Promise<RowOutcome | null> {
  const { gallery } = deps
  const { personId, policies } = work
  const there = await findVisiblePerson(gallery, personId, waiting)
  if (there !== null && policies.onConflict === 'keep') return null
  if (policies.dryRun) return there === null ? judgeDry(gallery, work, waiting) : null
  const fields = fieldsOf(work, await groupsForRestore(deps, work, waiting))
  if (there === null) return make(gallery, { ...work, fields }, waiting)
  // Else each picture's row would count as a change of its person.
  if (isSame(there, fields)) return null
  const changed = await updatePerson(gallery, { id: personId, ...fields }, waiting)
  return changed.outcome === 'updated' ? null : deletedHere('person')
}

function fieldsOf({ row, restored, groups }: PersonWork, own: readonly GroupId[]): Fields {
  return {
    name: row.name ?? '',
    externalId: restored.externalId,
    metadata: row.metadata ?? '{}',
    expireAt: row.expireAt ?? null,
    groups: [...new Set([...own, ...groups])],
  }
}

async function make(
  gallery: GalleryPorts,
  { row, personId, restored, fields }: PersonWork & { readonly fields: Fields },
  waiting?: Waiting,
): Promise<RowOutcome | null> {
  if (isTooOldToRestore(gallery, row)) return waitedTooLong()
  const now = gallery.clock.now()
  if (fields.expireAt !== null && fields.expireAt <= now) return hasExpired('bring back')
  const times = {
    createdAt: Math.min(restored.createdAt, now),
    updatedAt: Math.min(restored.updatedAt, now),
  }
  const person: Person = { ...newPerson(gallery, { id: personId, ...fields }), ...times }
  if (await gallery.records.persons.insert(person, waiting)) {
    await dropDeadGroups(gallery, person, waiting)
    return null
  }
  // Another row was first, unless it is a tombstone.
  const there = await findVisiblePerson(gallery, personId, waiting)
  return there === null ? deletedHere('person') : null
}

/** As far as it can be told without writing. */
async function judgeDry(
  gallery: GalleryPorts,
  { row, personId }: PersonWork,
  waiting?: Waiting,
): Promise<RowOutcome | null> {
  if (await gallery.records.persons.find(personId, waiting)) return deletedHere('person')
  if (isTooOldToRestore(gallery, row)) return waitedTooLong()
  return (row.expireAt ?? Number.POSITIVE_INFINITY) <= gallery.clock.now() ? hasExpired('bring back') : null
}

function isSame(person: Person, fields: Fields): boolean {
  const { name, externalId, metadata, expireAt, groups } = fields
  return (
    person.name === name &&
    person.externalId === externalId &&
    person.metadata === metadata &&
    person.expireAt === expireAt &&
    person.groups.length === groups.length &&
    groups.every((id) => person.groups.includes(id))
  )
}
