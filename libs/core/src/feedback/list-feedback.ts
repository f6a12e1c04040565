import type { GalleryPorts } from '../gallery-ports.ts'
import type { FeedbackId, PersonId } from '../ids.ts'
import { findOwners, personsBehind } from '../persons/merged-persons.ts'
import { isVisible } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Feedback } from './feedback.ts'

/** Persons merged into one that are asked for at once; the newest feedback of more is not shown. */
const MOST_BEHIND = 1_000

export interface FeedbackPage {
  readonly items: readonly Feedback[]
  /** Where the next page begins; null: there is none. */
  readonly nextCursor: FeedbackId | null
}

interface Wanted {
  /** Null: of everybody. */
  readonly personId: PersonId | null
  readonly before: FeedbackId | null
  readonly size: number
}

/**
 * Newest first, each under whoever has the person's images now. What is of somebody who cannot be seen is left out, so that
 * a page may be short while there is a next one.
 */
export async function listFeedback(
  { records, clock }: Pick<GalleryPorts, 'records' | 'clock'>,
  { personId, before, size }: Wanted,
  waiting?: Waiting,
): Promise<FeedbackPage> {
  const personIds =
    personId === null ? null : (await personsBehind(records, personId, waiting)).slice(0, MOST_BEHIND)
  const found = await records.feedback.list({ personIds, before, limit: size + 1 }, waiting)
  const page = found.slice(0, size)
  const owners = await findOwners(records, { ids: page.map((item) => item.personId) }, waiting)
  const nowMs = clock.now()
  const items = page.flatMap((item) => {
    const owner = owners.get(item.personId)
    return owner !== undefined && isVisible(owner, nowMs) ? [{ ...item, personId: owner.id }] : []
  })
  return { items, nextCursor: found.length > size ? (page.at(-1)?.id ?? null) : null }
}
