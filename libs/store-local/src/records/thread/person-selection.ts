import { comparedName, metadataTermOf, type PersonQuery } from '@semblance/core'

/** The visible persons that a query asks for, as the FROM and WHERE of a statement. */
export interface PersonSelection {
  /** The column that holds their ids. */
  readonly id: 'id' | 'personId'
  readonly source: string
  readonly values: Readonly<Record<string, string | number>>
}

const VISIBLE = '(expireAt IS NULL OR expireAt > :nowMs)'
const IN_GROUP = `FROM members WHERE groupId = :groupId AND live = 1 AND ${VISIBLE}`

/** @param cursor only ids below it, if one is given */
export function personSelection(query: PersonQuery, cursor?: string): PersonSelection {
  const { nowMs, groupId, name, externalId, metadata = [] } = query
  const values: Record<string, string | number> = {
    nowMs,
    ...(groupId === undefined ? {} : { groupId }),
    ...(cursor === undefined ? {} : { cursor }),
  }
  const below = (id: string) => (cursor === undefined ? '' : ` AND ${id} < :cursor`)
  const conditions: string[] = []
  if (name !== undefined) {
    conditions.push('name = :name')
    values.name = comparedName(name)
  }
  if (externalId !== undefined) {
    conditions.push('externalId = :externalId')
    values.externalId = externalId
  }
  for (const [index, filter] of metadata.entries()) {
    conditions.push(`id IN (SELECT personId FROM metadataTerms WHERE term = :term${index})`)
    values[`term${index}`] = metadataTermOf(filter)
  }
  const isFiltered = conditions.length > 0
  if (groupId !== undefined && !isFiltered)
    return { id: 'personId', source: IN_GROUP + below('personId'), values }
  if (groupId !== undefined) conditions.push(`id IN (SELECT personId ${IN_GROUP})`)
  // SQLite must be told to count from the index where there is no filter; with one it has better ones.
  const table = isFiltered ? 'persons' : 'persons INDEXED BY persons_live'
  const where = ["state = 'live'", VISIBLE, ...conditions].join(' AND ')
  return { id: 'id', source: `FROM ${table} WHERE ${where}${below('id')}`, values }
}
