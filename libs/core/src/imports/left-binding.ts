import type { ImportId } from '../ids.ts'
import type { Person } from '../persons/person.ts'
import type { BoundPerson, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { ImportRow } from './import-row.ts'

/**
 * Whether an import means somebody by a row's person key who was taken out of all imports before: the tombstone comes after that, and
 * goes after a day. Whoever found the person until then, a slow worker or another deletion, has bound the key since, and rows that have
 * the key came after the deletion. An id stands for nobody else, ever; and whom the import is to make has no record yet.
 */
export function isLeftBehind(
  { person }: Pick<ImportRow, 'person'>,
  { isMade }: Pick<BoundPerson, 'isMade'>,
  owner: Pick<Person, 'state'> | undefined,
): boolean {
  if (person.by === 'id') return false
  return owner === undefined ? !isMade : owner.state === 'gone'
}

/** Takes away what `isLeftBehind` tells of, and no row. */
export async function dropLeftBinding(
  { persons }: Pick<ImportStore, 'persons'>,
  { id, bound }: { readonly id: ImportId; readonly bound: BoundPerson },
  waiting?: Waiting,
): Promise<void> {
  const { personKey, personId } = bound
  await persons.unbind({ id, personKey, personId, isGone: true }, waiting)
}

/** Whether the row is there as it was claimed. One that was sent after the deletion of its person may have the same key. */
export async function isStillThere(
  { rows }: Pick<ImportStore, 'rows'>,
  { id, row }: { readonly id: ImportId; readonly row: ImportRow },
  waiting?: Waiting,
): Promise<boolean> {
  return (await rows.find(id, row.key, waiting))?.position === row.position
}
