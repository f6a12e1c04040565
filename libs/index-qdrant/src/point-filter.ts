import type { Schemas } from '@qdrant/js-client-rest'
import type { GalleryFilter, PersonId } from '@semblance/core'

export type PointFilter = Schemas['Filter']
export type PointCondition = Schemas['Condition']

/** Whom one question to Qdrant is about. */
export interface PointScope {
  readonly filter: GalleryFilter
  /** The persons asked about; null: anybody. */
  readonly only: readonly PersonId[] | null
  readonly except: readonly PersonId[]
}

/** A null lets everybody pass; where nobody can pass, nothing need be asked. */
export function pointFilter({ filter, only, except }: PointScope): PointFilter | null | 'nobody' {
  const must: PointCondition[] = []
  const mustNot: PointCondition[] = []
  if (filter.groups !== null) must.push(isAnyOf('groups', filter.groups))
  if (only !== null) must.push(isAnyOf('personId', only))
  const { persons = null } = filter
  if (persons !== null) must.push(isAnyOf('personId', persons))
  if (except.length > 0) mustNot.push(isAnyOf('personId', except))
  const { field } = filter
  // A point without the field passes a `must_not`.
  if (field?.op === 'in') must.push(isAnyOf(field.field, field.values))
  else if (field !== null && field.values.length > 0) mustNot.push(isAnyOf(field.field, field.values))
  const asksNobody =
    filter.groups?.length === 0 ||
    persons?.length === 0 ||
    only?.length === 0 ||
    (field?.op === 'in' && field.values.length === 0)
  if (asksNobody) return 'nobody'
  return must.length + mustNot.length === 0 ? null : { must, must_not: mustNot }
}

function isAnyOf(key: string, values: readonly string[]): PointCondition {
  return { key, match: values.length === 1 ? { value: values[0] as string } : { any: [...values] } }
}
