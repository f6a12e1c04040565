import {
  comparedName,
  metadataTermOf,
  type PersonQuery,
  type SortedPersonQuery,
  type TimeRange,
} from '@semblance/core'

/** The visible persons that a query asks for, as the FROM and WHERE of a statement. */
export interface PersonSelection {
  /** The column that holds their ids. */
  readonly id: 'id' | 'personId'
  readonly source: string
  readonly values: Readonly<Record<string, string | number>>
}

/** No character comes after this one. */
const LAST_CHARACTER = '\u{10ffff}'

const VISIBLE = '(expireAt IS NULL OR expireAt > :nowMs)'
const IN_GROUP = `FROM members WHERE groupId = :groupId AND live = 1 AND ${VISIBLE}`

/** Ids between these two, without them. */
export interface IdBounds {
  readonly after?: string | undefined
  readonly before?: string | undefined
}

export function personSelection(query: PersonQuery, bounds: IdBounds = {}): PersonSelection {
  const { nowMs, groupId } = query
  const { after, before } = bounds
  const values: Record<string, string | number> = {
    nowMs,
    ...(groupId === undefined ? {} : { groupId }),
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  }
  const within = (id: string) =>
    (after === undefined ? '' : ` AND ${id} > :after`) + (before === undefined ? '' : ` AND ${id} < :before`)
  const conditions = conditionsOf(query, values)
  const isFiltered = conditions.length > 0
  if (groupId !== undefined && !isFiltered)
    return { id: 'personId', source: IN_GROUP + within('personId'), values }
  if (groupId !== undefined) conditions.push(`id IN (SELECT personId ${IN_GROUP})`)
  // SQLite must be told to count from the index where there is no filter; with one it has better ones.
  const table = isFiltered ? 'persons' : 'persons INDEXED BY persons_live'
  const where = ["state = 'live'", VISIBLE, ...conditions].join(' AND ')
  return { id: 'id', source: `FROM ${table} WHERE ${where}${within('id')}`, values }
}

const SORTING_INDEX = {
  createdAt: 'persons_by_created',
  updatedAt: 'persons_by_updated',
  name: 'persons_by_name',
} as const satisfies Record<SortedPersonQuery['sort']['by'], string>

interface Statement {
  readonly sql: string
  readonly values: Readonly<Record<string, string | number>>
}

/**
 * The places that a sorted query asks for, as a statement.
 * @param isBroad many answer to its filter: they are met soon by whoever goes along the order, and would take long to sort
 */
export function sortedSelection(query: SortedPersonQuery, isBroad = false): Statement {
  const { nowMs, groupId, sort, after, skip = 0, limit } = query
  const { by, isDescending } = sort
  const values: Record<string, string | number> = { nowMs, skip, limit }
  const conditions = isBroad ? membershipOf(query, values) : conditionsOf(query, values)
  if (groupId !== undefined && !isBroad) {
    conditions.push(`id IN (SELECT personId ${IN_GROUP})`)
    values.groupId = groupId
  }
  // Without a filter SQLite would rather sort all persons; with one that few answer to, it should.
  const isAlongOrder = isBroad || conditions.length === 0
  const table = isAlongOrder ? `persons INDEXED BY ${SORTING_INDEX[by]}` : 'persons'
  if (after !== null) {
    conditions.push(`(${by}, id) ${isDescending ? '<' : '>'} (:placeValue, :placeId)`)
    values.placeValue = after.value
    values.placeId = after.id
  }
  const where = ["state = 'live'", VISIBLE, ...conditions].join(' AND ')
  const way = isDescending ? 'DESC' : 'ASC'
  const order = `ORDER BY ${by} ${way}, id ${way} LIMIT :limit OFFSET :skip`
  return { sql: `SELECT ${by} AS value, id FROM ${table} WHERE ${where} ${order}`, values }
}

/** So many make a filter broad: about as many are sorted in the time in which as many places are passed by. */
const BROAD = 2000

/**
 * Counts up to `BROAD` of those to whom the narrowest condition of a query applies; null where its filter is not of groups and
 * metadata alone, whose tables can be asked about one person without a look at that person's record.
 */
export function breadthOf(query: PersonQuery): Statement | null {
  const { groupId, metadata = [], nowMs: _, ...others } = query
  const given = [others.name, others.namePrefix, others.created, others.updated, others.externalId]
  if (given.some((one) => one !== undefined) || (groupId === undefined && metadata.length === 0)) return null
  const values: Record<string, string | number> = { broad: BROAD }
  const counts = metadata.map((filter, index) => {
    values[`term${index}`] = metadataTermOf(filter)
    return `(SELECT count(*) FROM (SELECT 1 FROM metadataTerms WHERE term = :term${index} LIMIT :broad))`
  })
  if (groupId !== undefined) {
    values.groupId = groupId
    counts.push('(SELECT count(*) FROM (SELECT 1 FROM members WHERE groupId = :groupId LIMIT :broad))')
  }
  return { sql: `SELECT ${counts.map((count) => `${count} >= :broad`).join(' AND ')}`, values }
}

/** The conditions of a filter of groups and metadata alone, each to be asked about one person. */
function membershipOf(
  { groupId, metadata = [] }: PersonQuery,
  values: Record<string, string | number>,
): string[] {
  const conditions = metadata.map((filter, index) => {
    values[`term${index}`] = metadataTermOf(filter)
    return `EXISTS (SELECT 1 FROM metadataTerms WHERE term = :term${index} AND personId = persons.id)`
  })
  if (groupId === undefined) return conditions
  values.groupId = groupId
  return [...conditions, `EXISTS (SELECT 1 ${IN_GROUP} AND personId = persons.id)`]
}

/** Puts what they compare with into `values`. */
function conditionsOf(query: PersonQuery, values: Record<string, string | number>): string[] {
  const { name, namePrefix, created, updated, externalId, metadata = [] } = query
  const conditions: string[] = []
  if (name !== undefined) {
    conditions.push('name = :name')
    values.name = comparedName(name)
  }
  if (namePrefix !== undefined) {
    conditions.push('name >= :prefix AND name < :prefixEnd')
    values.prefix = comparedName(namePrefix)
    values.prefixEnd = comparedName(namePrefix) + LAST_CHARACTER
  }
  const within = (column: 'createdAt' | 'updatedAt', range: TimeRange | undefined) => {
    if (range === undefined) return
    conditions.push(`${column} >= :${column}From AND ${column} < :${column}To`)
    values[`${column}From`] = range.fromMs
    values[`${column}To`] = range.toMs
  }
  within('createdAt', created)
  within('updatedAt', updated)
  if (externalId !== undefined) {
    conditions.push('externalId = :externalId')
    values.externalId = externalId
  }
  for (const [index, filter] of metadata.entries()) {
    conditions.push(`id IN (SELECT personId FROM metadataTerms WHERE term = :term${index})`)
    values[`term${index}`] = metadataTermOf(filter)
  }
  return conditions
}
