import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findOwners } from './merged-persons.ts'
import { isVisible } from './person.ts'

/** Persons read at a time: their metadata may be long, and only how they stand is kept. */
const PORTION = 50

/** How somebody stands whom something kept beside the gallery names. */
export interface OwnerStanding {
  /** Themselves, or whom they were merged into, in the end. */
  readonly id: PersonId
  /** `going`: deleted or expired, and not erased yet. `gone`: a tombstone is left. */
  readonly standing: 'visible' | 'going' | 'gone'
}

/** By the id that is named; whoever has no record is left out. */
export async function standingOfOwners(
  { records, clock }: Pick<GalleryPorts, 'records' | 'clock'>,
  ids: Iterable<PersonId>,
  waiting?: Waiting,
): Promise<ReadonlyMap<PersonId, OwnerStanding>> {
  const named = [...new Set(ids)]
  const standings = new Map<PersonId, OwnerStanding>()
  for (let at = 0; at < named.length; at += PORTION) {
    const owners = await findOwners(records, { ids: named.slice(at, at + PORTION) }, waiting)
    const now = clock.now()
    for (const [id, owner] of owners) {
      const standing = isVisible(owner, now) ? 'visible' : owner.state === 'gone' ? 'gone' : 'going'
      standings.set(id, { id: owner.id, standing })
    }
  }
  return standings
}
