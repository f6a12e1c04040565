import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { imageOwnersAmong } from './merged-persons.ts'
import type { PersonFilter } from './read-persons.ts'

/** Persons that are looked at in one step. */
const STEP = 1_000

export interface MatchingQuery {
  readonly filter: PersonFilter
  /** Ids above this one only; null: all. */
  readonly after?: string | null
  /** The last id that is of interest. */
  readonly upTo?: PersonId
}

/** Ids of the visible persons to whom all of the filter applies, by increasing id, some at a time, perhaps none. */
export async function* matchingPersons(
  { records, clock }: Pick<GalleryPorts, 'records' | 'clock'>,
  { filter, after = null, upTo }: MatchingQuery,
  waiting?: Waiting,
): AsyncGenerator<readonly PersonId[]> {
  const { hasImages, ...query } = filter
  // A group that is not there has nobody.
  if (query.groupId !== undefined) {
    const group = await records.groups.find(query.groupId, waiting)
    if (group?.state !== 'live') return
  }
  for (let last = after as PersonId | null; ; ) {
    const asked = { ...query, nowMs: clock.now(), after: last, limit: STEP }
    const ids = await records.persons.listIds(asked, waiting)
    const owners = hasImages === undefined ? null : await imageOwnersAmong(records, ids, waiting)
    yield owners === null ? ids : ids.filter((id) => owners.has(id) === hasImages)
    last = ids.at(-1) ?? last
    if (ids.length < STEP || (upTo !== undefined && last !== null && last >= upTo)) return
  }
}
