import type { SourceItem, SourcePerson, SourcePicture, SourceProblem, SourceRow } from '../source-row.ts'

/** The fields of a row as text; what is empty or not there is left out. */
export interface RowFields {
  readonly key?: string | undefined
  readonly id?: string | undefined
  readonly externalId?: string | undefined
  readonly personKey?: string | undefined
  readonly name?: string | undefined
  readonly metadata?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly expireAt?: string | undefined
  readonly picture?: SourcePicture | undefined
  readonly restore?: object | undefined
}

/** Where a row stands: `row` 17, `line` 3. */
export interface RowPlace {
  readonly unit: 'row' | 'line' | 'entry'
  readonly position: number
}

/** The key of a row that gives none: the same at each reading of the same source. */
function keyAt({ unit, position }: RowPlace): string {
  return `${unit}-${position}`
}

/** Where a row stands that is wrong, and what is known of it. */
export interface ProblemPlace extends RowPlace {
  readonly key?: string | undefined
  readonly person?: SourcePerson | undefined
}

export function problemAt(place: ProblemPlace, field: string, message: string): SourceProblem {
  const { position, person } = place
  const own = person === undefined ? {} : { person }
  return { kind: 'problem', key: place.key ?? keyAt(place), position, ...own, field, message }
}

/** A row that names nobody is about somebody of its own, known to this import by the row's key. */
export function makeRow(fields: RowFields, place: RowPlace): SourceItem {
  const key = fields.key ?? keyAt(place)
  const persons = personsOf(fields)
  if (persons.length > 1) {
    return problemAt(
      { ...place, key, person: persons[0] },
      'person',
      'is given twice: by id, external id or person key',
    )
  }
  const { name, metadata, groups, expireAt, picture, restore } = fields
  const row: SourceRow = {
    kind: 'row',
    key,
    position: place.position,
    person: persons[0] ?? { by: 'key', key },
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata }),
    ...(groups !== undefined && { groups }),
    ...(expireAt !== undefined && { expireAt }),
    ...(picture !== undefined && { picture }),
    ...(restore !== undefined && { restore }),
  }
  return row
}

type PersonFields = Pick<RowFields, 'id' | 'externalId' | 'personKey'>

/** Whom a row names, by the surest of the ways in which it does; undefined if by none. */
export function personIn(fields: PersonFields): SourcePerson | undefined {
  return personsOf(fields)[0]
}

function personsOf({ id, externalId, personKey }: PersonFields): readonly SourcePerson[] {
  return [
    ...(id === undefined ? [] : [{ by: 'id', id } as const]),
    ...(externalId === undefined ? [] : [{ by: 'externalId', externalId } as const]),
    ...(personKey === undefined ? [] : [{ by: 'key', key: personKey } as const]),
  ]
}
