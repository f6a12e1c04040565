import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { isVisible, type Person } from './person.ts'

/** The record as stored (dead groups included); null if absent, pending, deleted or expired. */
export async function findVisiblePerson(
  reader: Pick<GalleryPorts, 'records' | 'clock'>,
  id: PersonId,
  waiting?: Waiting,
): Promise<Person | null> {
  const person = await reader.records.persons.find(id, waiting)
  return person !== null && isVisible(person, reader.clock.now()) ? person : null
}
