import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import { findOwners } from '../persons/merged-persons.ts'
import { hasMetadata, type MetadataFilter } from '../persons/metadata-terms.ts'
import { isVisible } from '../persons/person.ts'
import type { Waiting } from '../ports/waiting.ts'
import { searchedPersonsOf } from './gallery-filter-of.ts'
import type { IdentifyQuery } from './identify.ts'

type Searched = Pick<GalleryPorts, 'records' | 'index' | 'clock'>

/** Images whose persons are looked at: of a share of 1 % that finds 10, give or take 3. */
const SAMPLED = 1_000
/** Persons read at a time: their metadata may be long, and the event loop is needed in between. */
const PORTION = 50

/**
 * How many images the search compares a probe with, of those who can be its answer. Exact, but for metadata that more persons
 * have than an index is told by their ids: then it is their share of a sample, and never less than the images of those who were
 * read.
 */
export async function countSearched(
  gallery: Searched,
  query: Pick<IdentifyQuery, 'groupIds' | 'field' | 'metadata'>,
  waiting?: Waiting,
): Promise<number> {
  const searched = await searchedPersonsOf(gallery, query, waiting)
  if (searched === null) return 0
  const { filter, someByMetadata } = searched
  const among = await gallery.index.countMatching(filter, waiting)
  if (someByMetadata === null) return among
  const least = await gallery.index.countMatching({ ...filter, persons: someByMetadata }, waiting)
  const sample = await gallery.index.sampleMatching({ filter, limit: SAMPLED }, waiting)
  if (sample.length === 0) return least
  const matching = await countWithMetadata(gallery, { sample, metadata: query.metadata ?? [] }, waiting)
  return Math.max(least, Math.round((among * matching) / sample.length))
}

/** How many of the sampled images are of somebody who has the metadata and can be found. */
async function countWithMetadata(
  { records, clock }: Searched,
  asked: { readonly sample: readonly PersonId[]; readonly metadata: readonly MetadataFilter[] },
  waiting?: Waiting,
): Promise<number> {
  const { sample, metadata } = asked
  let matching = 0
  for (let at = 0; at < sample.length; at += PORTION) {
    const some = sample.slice(at, at + PORTION)
    const owners = await findOwners(records, { ids: some }, waiting)
    const now = clock.now()
    const isMatch = new Set(
      [...owners].flatMap(([id, owner]) =>
        isVisible(owner, now) && hasMetadata(owner.metadata, metadata) ? [id] : [],
      ),
    )
    matching += some.filter((id) => isMatch.has(id)).length
  }
  return matching
}
