import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import { findOwners } from '../persons/merged-persons.ts'
import type { DuplicatePairs } from '../ports/operation-store.ts'
import type { Waiting } from '../ports/waiting.ts'

export interface PairHandOverDeps {
  readonly records: Pick<GalleryPorts['records'], 'persons'>
  readonly pairs: Pick<DuplicatePairs, 'handOver' | 'erase'>
}

/**
 * Pairs of duplicates follow the images of somebody who was merged: to whoever has these now, or away with them. Whoever got
 * the pairs may have been merged or deleted just before they came, and would keep them for ever: so that person is looked at
 * once more afterwards.
 */
export async function handOverPairs(
  { records, pairs }: PairHandOverDeps,
  merged: PersonId,
  waiting?: Waiting,
): Promise<void> {
  const ownerOf = async (id: PersonId) => (await findOwners(records, { ids: [id] }, waiting)).get(id)
  let from = merged
  for (;;) {
    const owner = await ownerOf(from)
    if (owner?.state !== 'live') return pairs.erase(from, waiting)
    if (owner.id === from) return
    await pairs.handOver({ from, to: owner.id }, waiting)
    from = owner.id
  }
}
