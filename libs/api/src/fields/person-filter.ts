import {
  type GroupId,
  isUuid,
  type MetadataFilter,
  type PersonFilter,
  type PersonId,
  type PersonSort,
  type TimeRange,
} from '@semblance/core'
import { z } from 'zod'
import { pageQuery } from './page-query.ts'
import { parseTime } from './parse-time.ts'

const PREFIX = 'metadata.'
/** The limit is ours; each is a look-up of its own. */
export const MAX_METADATA_FILTERS = 16

const time = (description: string) =>
  z
    .string()
    .refine((text) => parseTime(text) !== null, 'must be a time such as 2026-11-24T09:30:00Z')
    .transform((text) => parseTime(text) ?? 0)
    .optional()
    .meta({ description, override: { type: 'string', format: 'date-time' } })

const namedFilters = {
  name: z.string().optional().meta({ description: 'Exactly this name.' }),
  namePrefix: z.string().min(1).optional().meta({ description: 'What the name begins with.' }),
  externalId: z.string().optional().meta({ description: 'Exactly this external id.' }),
  groupId: z
    .string()
    .refine(isUuid, 'must be a UUID')
    .transform((text) => text.toLowerCase() as GroupId)
    .optional()
    .meta({ description: 'Members of this group; nobody if there is none.' }),
  hasImages: z.enum(['true', 'false']).optional().meta({
    description: 'With pictures, or without. Goes by `cursor` only; a page may be short while there is one.',
  }),
  createdFrom: time('Made at this time or later.'),
  createdTo: time('Made before this time.'),
  updatedFrom: time('Last changed at this time or later.'),
  updatedTo: time('Last changed before this time.'),
}

const LISTED = ['page', 'size', 'cursor', 'sort', 'skip', ...Object.keys(namedFilters)]

const metadataFilters = z.union([z.string(), z.array(z.string())])
export const tooManyValues = `may ask for at most ${MAX_METADATA_FILTERS} values`

const SKIPS_ALONE = 'needs sort, and goes without cursor and hasImages'

const ORDERS = ['createdAt', '-createdAt', 'updatedAt', '-updatedAt', 'name', '-name'] as const

const ordering = {
  sort: z.enum(ORDERS).optional().meta({
    description:
      'The order; with `-` the last comes first. Left out: by id, the newest first. Goes by `cursor`, or by `skip`.',
  }),
  skip: z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .optional()
    .meta({
      description:
        'Of a list in an order, so many are left out at its beginning: for whoever jumps into a long list. Changes meanwhile move people across it; `cursor` skips nobody.',
      override: { type: 'integer', minimum: 0 },
    }),
  // Without an order it is an id, as everywhere.
  cursor: z.string().optional().meta({
    description:
      'The nextCursor of the page before, of a list in the same order: nobody is skipped or shown twice who does not change.',
  }),
}

/** A list of persons: which page, and who is on it. Values of `metadata.` stand beside the named ones. */
export const personListQuery = pageQuery
  .extend({ ...namedFilters, ...ordering })
  .catchall(metadataFilters)
  .superRefine((query, context) => {
    const byCursor = query.sort === undefined ? 'hasImages' : 'sort'
    if (query[byCursor] !== undefined && query.page !== 1)
      context.addIssue({
        code: 'custom',
        path: ['page'],
        message: `must be left out with ${byCursor}; send cursor`,
      })
    const isAlone = query.sort !== undefined && query.cursor === undefined && query.hasImages === undefined
    if (query.skip !== undefined && !isAlone)
      context.addIssue({ code: 'custom', path: ['skip'], message: SKIPS_ALONE })
    if (query.sort === undefined && query.cursor !== undefined && !isUuid(query.cursor))
      context.addIssue({ code: 'custom', path: ['cursor'], message: 'must be the nextCursor of a page' })
    if (metadataFiltersOf(query).length <= MAX_METADATA_FILTERS) return
    context.addIssue({ code: 'custom', message: tooManyValues })
  })

/** The order that the query names, or null for the order of ids. */
export function personSortOf({ sort }: z.output<typeof personListQuery>): PersonSort | null {
  if (sort === undefined) return null
  const isDescending = sort.startsWith('-')
  return { by: (isDescending ? sort.slice(1) : sort) as PersonSort['by'], isDescending }
}

const flag = (description: string) => z.enum(['true', 'false']).default('false').meta({ description })

/** The count with which a caller confirms that many persons are to be deleted. */
export const expectedCount = z
  .string()
  .regex(/^\d{1,12}$/, 'must be a whole number')
  .transform(Number)
  .optional()
  .meta({
    description: 'How many persons you expect to be deleted, as a dry run says.',
    override: { type: 'integer', minimum: 0 },
  })

const DELETING = {
  dryRun: flag('Only counts whom it would delete.'),
  count: expectedCount,
  all: flag('Everybody is meant: takes the place of a filter.'),
}

/** Whom to delete: the filters of a list, and how sure the caller is. */
export const personDeletionQuery = z
  .object({ ...namedFilters, ...DELETING })
  .catchall(metadataFilters)
  .superRefine((query, context) => {
    if (metadataFiltersOf(query).length > MAX_METADATA_FILTERS)
      context.addIssue({ code: 'custom', message: tooManyValues })
  })

const EXPORTING = {
  personId: z
    .string()
    .refine(isUuid, 'must be a UUID')
    .transform((text) => text.toLowerCase() as PersonId)
    .optional()
    .meta({ description: 'This person alone, with the groups they are in.' }),
  selection: z
    .string()
    .regex(/^[\w-]{1,64}$/, 'must be the selectionId that was answered')
    .optional()
    .meta({ description: 'These persons alone: see `POST /api/export/selections`.' }),
  descriptors: flag(
    'Whether each image comes with its descriptor, which is biometric data, and with the quality and damage of its face.',
  ),
  format: z.enum(['ndjson', 'tar']).optional().meta({
    description:
      'tar: with the pictures. Left out: tar if the Accept header names application/x-tar, else ndjson.',
  }),
}

/** Whom an export is about: one person, or the filters of a list. */
export const exportQuery = z
  .object({ ...namedFilters, ...EXPORTING })
  .catchall(metadataFilters)
  .superRefine((query, context) => {
    if (metadataFiltersOf(query).length > MAX_METADATA_FILTERS)
      context.addIssue({ code: 'custom', message: tooManyValues })
  })

/** What is wrong with a deletion as a whole, or null. It is asked once all names are known to be filters. */
export function faultOfDeletion(
  query: z.output<typeof personDeletionQuery>,
): { readonly field: string; readonly msg: string } | null {
  const isFiltered = !isEmptyFilter(personFilterOf(query))
  if (!isFiltered && query.all === 'false')
    return { field: 'all', msg: 'must be true to delete everybody; else send a filter' }
  if (isFiltered && query.all === 'true')
    return { field: 'all', msg: 'must not be sent together with a filter' }
  if (query.dryRun === 'false' && query.count === undefined)
    return { field: 'count', msg: 'is missing; dryRun=true says what it is' }
  return null
}

export function isEmptyFilter({ metadata = [], ...named }: PersonFilter): boolean {
  return metadata.length === 0 && Object.keys(named).length === 0
}

type PersonFilterQuery = z.output<z.ZodObject<typeof namedFilters>>

export function personFilterOf(query: PersonFilterQuery): PersonFilter {
  const { name, namePrefix, externalId, groupId, hasImages } = query
  const created = rangeOf(query.createdFrom, query.createdTo)
  const updated = rangeOf(query.updatedFrom, query.updatedTo)
  return {
    ...(name === undefined ? {} : { name }),
    ...(namePrefix === undefined ? {} : { namePrefix }),
    ...(externalId === undefined ? {} : { externalId }),
    ...(groupId === undefined ? {} : { groupId }),
    ...(hasImages === undefined ? {} : { hasImages: hasImages === 'true' }),
    ...(created === null ? {} : { created }),
    ...(updated === null ? {} : { updated }),
    metadata: metadataFiltersOf(query),
  }
}

function rangeOf(from: number | undefined, to: number | undefined): TimeRange | null {
  if (from === undefined && to === undefined) return null
  return { fromMs: from ?? 0, toMs: to ?? Number.MAX_SAFE_INTEGER }
}

function metadataFiltersOf(query: Readonly<Record<string, unknown>>): readonly MetadataFilter[] {
  return Object.entries(query).flatMap(([name, given]) => {
    const path = name.startsWith(PREFIX) ? keysOf(name.slice(PREFIX.length)) : null
    if (path === null) return []
    const values = Array.isArray(given) ? given : [given]
    return values.map((value) => ({ path, value: String(value) }))
  })
}

/** The same of an object whose keys are those behind `metadata.`; null if one of them is no path. */
export function metadataFiltersIn(
  given: Readonly<Record<string, string | readonly string[]>>,
): readonly MetadataFilter[] | null {
  const filters: MetadataFilter[] = []
  for (const [name, values] of Object.entries(given)) {
    const path = keysOf(name)
    if (path === null) return null
    for (const value of typeof values === 'string' ? [values] : values) filters.push({ path, value })
  }
  return filters
}

export const strayPersonFilter = strayAmong(LISTED)
export const strayExportFilter = strayAmong([...Object.keys(namedFilters), ...Object.keys(EXPORTING)])
export const strayDeletionFilter = strayAmong([...Object.keys(namedFilters), ...Object.keys(DELETING)])

/**
 * What is wrong with a filter's name, or null. A typo would list everybody, and whoever deletes what a list names must not
 * delete them.
 */
function strayAmong(known: readonly string[]): (name: string) => string | null {
  return (name) => {
    if (known.includes(name)) return null
    if (!name.startsWith(PREFIX)) return `is not known here; known are ${known.join(', ')}, metadata.<key>`
    if (keysOf(name.slice(PREFIX.length)) === null)
      return 'has a backslash that stands before neither a dot nor a backslash'
    return null
  }
}

/** Keys parted by dots; `\.` is a dot and `\\` a backslash within a key. Null for any other backslash. */
function keysOf(text: string): readonly string[] | null {
  const keys = ['']
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === '.') {
      keys.push('')
      continue
    }
    const next = text[at + 1]
    if (letter === '\\' && next !== '.' && next !== '\\') return null
    keys.push(`${keys.pop()}${letter === '\\' ? next : letter}`)
    if (letter === '\\') at++
  }
  return keys
}
