import type { GalleryFilter, IndexQuery } from '@semblance/core'
import type { Key } from '../memory/uuid-key.ts'
import type { ScanFilter } from '../scan-messages.ts'
import { fingerprint } from './fingerprint.ts'
import type { GalleryRows } from './gallery-rows.ts'
import { forEachInSlices } from './time-slices.ts'

/**
 * The query's ids and texts as what the rows hold. Null if the filter can let nobody through. Ids that the index has
 * never heard of are left out: nobody has them.
 */
export async function resolveFilter(
  query: Pick<IndexQuery, 'filter' | 'exclude'>,
  rows: GalleryRows,
): Promise<ScanFilter | null> {
  const groups = await resolveGroups(query.filter, rows)
  const field = await resolveField(query.filter)
  if (groups?.ordinals.length === 0 || (field?.op === 'in' && field.keys.length === 0)) return null
  const persons = await resolvePersons(query, rows)
  return persons?.op === 'in' && persons.ordinals.length === 0 ? null : { persons, groups, field }
}

async function resolveGroups(filter: GalleryFilter, rows: GalleryRows): Promise<ScanFilter['groups']> {
  if (filter.groups === null) return null
  const ordinals: number[] = []
  await forEachInSlices(filter.groups, (group) => {
    const ordinal = rows.groups.groupOrdinal(group)
    if (ordinal >= 0) ordinals.push(ordinal)
  })
  return { ordinals, end: rows.groups.groupEnd, setEnd: rows.groups.setEnd }
}

async function resolveField({ field }: GalleryFilter): Promise<ScanFilter['field']> {
  if (field === null) return null
  const keys: Key[] = []
  await forEachInSlices(field.values, (value) => keys.push(fingerprint(value)))
  return { field: field.field, op: field.op, keys }
}

async function resolvePersons(
  query: Pick<IndexQuery, 'filter' | 'exclude'>,
  rows: GalleryRows,
): Promise<ScanFilter['persons']> {
  const { persons = null } = query.filter
  if (persons === null) return resolveExcluded(query, rows)
  const excluded = new Set(query.exclude)
  const ordinals: number[] = []
  await forEachInSlices(persons, (personId) => {
    const ordinal = excluded.has(personId) ? -1 : rows.personOrdinal(personId)
    if (ordinal >= 0) ordinals.push(ordinal)
  })
  return { op: 'in', ordinals, end: rows.personEnd }
}

async function resolveExcluded(
  query: Pick<IndexQuery, 'filter' | 'exclude'>,
  rows: GalleryRows,
): Promise<ScanFilter['persons']> {
  const ordinals: number[] = []
  await forEachInSlices(query.exclude, (personId) => {
    const ordinal = rows.personOrdinal(personId)
    if (ordinal >= 0) ordinals.push(ordinal)
  })
  return ordinals.length === 0 ? null : { op: 'nin', ordinals, end: rows.personEnd }
}
