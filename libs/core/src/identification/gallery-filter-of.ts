import type { GalleryPorts } from '../gallery-ports.ts'
import { findLiveGroups } from '../groups/live-groups.ts'
import type { PersonId } from '../ids.ts'
import { comparedName } from '../persons/compared-name.ts'
import { matchingPersons } from '../persons/matching-persons.ts'
import { everybodyBehind } from '../persons/merged-persons.ts'
import type { MetadataFilter } from '../persons/metadata-terms.ts'
import type { FieldFilter, GalleryFilter } from '../ports/descriptor-index.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { IdentifyQuery } from './identify.ts'

/** Persons that an index is told by their ids: 0.4 MB of them. */
const MOST_BY_METADATA = 10_000

type Searched = Pick<GalleryPorts, 'records' | 'clock'>
type Asked = Pick<IdentifyQuery, 'groupIds' | 'field' | 'metadata'>

/** Whom a query lets through, as an index filters; null: nobody, since none of the groups is there. */
export interface SearchedPersons {
  readonly filter: GalleryFilter
  /**
   * Of very many with such metadata, those who were read, with all who were merged into them: `filter` lets everybody through,
   * whatever their metadata. Null: the filter says it all.
   */
  readonly someByMetadata: readonly PersonId[] | null
}

/**
 * Whom the index may nominate. Where very many have the metadata that is asked for, that is anybody: most of those who are near
 * have it then, and each who is nominated is judged by the record anyway.
 */
export async function galleryFilterOf(
  gallery: Searched,
  query: Asked,
  waiting?: Waiting,
): Promise<GalleryFilter | null> {
  return (await searchedPersonsOf(gallery, query, waiting))?.filter ?? null
}

/** The same, for whoever has to know how many they are. */
export async function searchedPersonsOf(
  gallery: Searched,
  query: Asked,
  waiting?: Waiting,
): Promise<SearchedPersons | null> {
  const groups =
    query.groupIds.length === 0 ? null : [...(await findLiveGroups(gallery, query.groupIds, waiting))]
  if (groups?.length === 0) return null
  const filter = { groups, field: comparedField(query.field) }
  const { metadata = [] } = query
  if (metadata.length === 0) return { filter: { ...filter, persons: null }, someByMetadata: null }
  const { persons, areAll } = await personsByMetadata(gallery, metadata, waiting)
  if (!areAll) return { filter: { ...filter, persons: null }, someByMetadata: persons }
  return persons.length === 0 ? null : { filter: { ...filter, persons }, someByMetadata: null }
}

/** With all who were merged into them, since an index may have pictures under those. */
async function personsByMetadata(
  gallery: Searched,
  metadata: readonly MetadataFilter[],
  waiting?: Waiting,
): Promise<{ readonly persons: readonly PersonId[]; readonly areAll: boolean }> {
  const ids: PersonId[] = []
  for await (const some of matchingPersons(gallery, { filter: { metadata } }, waiting)) {
    ids.push(...some)
    if (ids.length > MOST_BY_METADATA) break
  }
  const areAll = ids.length <= MOST_BY_METADATA
  return { persons: await everybodyBehind(gallery.records, ids, waiting), areAll }
}

/** The same field by the values that the index and the judgement of each person compare with. */
function comparedField(field: FieldFilter | null): FieldFilter | null {
  if (field === null || field.field !== 'name') return field
  return { ...field, values: [...new Set(field.values.map(comparedName))] }
}
