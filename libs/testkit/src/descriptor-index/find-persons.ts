import type { DescriptorIndex, FieldFilter, IndexQuery, PersonId } from '@semblance/core'
import { anIndexQuery, aSignDescriptor } from '@semblance/core/testing'

/** A descriptor that others are placed around by their cosine to it. */
export const PROBE = aSignDescriptor([])

/** The persons that a search with `PROBE` answers, best first. */
export async function personsFound(
  index: DescriptorIndex,
  given: Partial<IndexQuery> = {},
): Promise<PersonId[]> {
  const found = await index.search(PROBE, anIndexQuery(given))
  return found.map(({ personId }) => personId)
}

export function isIn(field: FieldFilter['field'], ...values: string[]): FieldFilter {
  return { field, op: 'in', values }
}

/** Ids made one after the other differ in their last digits, which are random. */
export function shuffled<Id extends string>(ids: readonly Id[]): Id[] {
  return ids.toSorted((a, b) => (reversed(a) < reversed(b) ? -1 : 1))
}

function reversed(id: string): string {
  return [...id].reverse().join('')
}
