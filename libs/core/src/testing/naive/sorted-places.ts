import { comparedName } from '../../persons/compared-name.ts'
import type { Person } from '../../persons/person.ts'
import type { PersonPlace, SortedPersonQuery } from '../../ports/person-records.ts'

/** `listSorted` of the persons that answer to its query. */
export function sortedPlaces(
  persons: readonly Person[],
  { sort, after, skip = 0, limit }: SortedPersonQuery,
): readonly PersonPlace[] {
  const { by, isDescending } = sort
  const sign = isDescending ? -1 : 1
  return persons
    .map((person) => ({ id: person.id, value: by === 'name' ? comparedName(person.name) : person[by] }))
    .toSorted((a, b) => sign * compared(a, b))
    .filter((place) => after === null || sign * compared(place, after) > 0)
    .slice(skip, skip + limit)
}

function compared(a: PersonPlace, b: PersonPlace): number {
  const difference =
    typeof a.value === 'number' ? a.value - Number(b.value) : byCodePoints(a.value, String(b.value))
  return difference === 0 ? byCodePoints(a.id, b.id) : difference
}

/** UTF-8 keeps the order of code points, which the comparison of strings does not. */
function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
