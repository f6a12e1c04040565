import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { PERSON_TOMBSTONE } from '../records/tombstones.ts'

/**
 * Nobody can get this id any more, whoever is about to make a person under it: a tombstone has it, which lives longer than anybody is
 * at that. False if there is a record with this id, in whatever state; that one is left alone.
 */
export function useUpPersonId(
  { records, clock }: Pick<GalleryPorts, 'records' | 'clock'>,
  id: PersonId,
  waiting?: Waiting,
): Promise<boolean> {
  const now = clock.now()
  const times = { createdAt: now, updatedAt: now, rev: 1 }
  return records.persons.insert({ id, ...PERSON_TOMBSTONE, ...times, state: 'gone' }, waiting)
}
