import { AppError, deadlineMissed, type GalleryPorts, type PersonId, wasShown } from '@semblance/core'
import type { SearchResult } from '@semblance/jobs'
import type { RequestContext } from '../endpoint/endpoint.ts'
import { consumedIds } from '../idempotency/consumed-ids.ts'

export type RepeatedSearch = SearchResult | { readonly outcome: 'deleted-since' }

/**
 * A search that may make a newcomer, run again with the ids of a run that may have died half way. The outcome stands
 * unless that run left something of the newcomer: hidden yet, it may still be shown; taken back, its ids are spent;
 * shown and deleted, it stays deleted.
 */
export async function repeatNewcomer(
  gallery: Pick<GalleryPorts, 'records'>,
  run: { readonly personId: PersonId; readonly search: () => Promise<SearchResult> },
  context: RequestContext,
): Promise<RepeatedSearch> {
  const result = await run.search().catch((fault: unknown) => {
    if (fault instanceof AppError && fault.code === 'E_STALE_ID') return fault
    throw fault
  })
  const isFault = result instanceof AppError
  if (!isFault && result.outcome === 'created') return result
  const person = await gallery.records.persons.find(run.personId, context)
  if (person?.state === 'pending') throw deadlineMissed('the earlier request with this Idempotency-Key', 2)
  const isUndone = isFault || result.outcome === 'not-created'
  if (isUndone && person !== null && person.state !== 'live') {
    if (wasShown(person)) return { outcome: 'deleted-since' }
    throw consumedIds(run.personId)
  }
  if (isFault) throw result
  return result
}
