import { type GroupId, isUuid, type MetadataFilter, type PersonFilter, type TimeRange } from '@semblance/core'
import { z } from 'zod'
import { pageQuery } from './page-query.ts'
import { parseTime } from './parse-time.ts'

const PREFIX = 'metadata.'
/** The limit is ours; each is a look-up of its own. */
const MAX_METADATA_FILTERS = 16

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

const KNOWN = new Set(['page', 'size', 'cursor', ...Object.keys(namedFilters)])

/** A list of persons: which page, and who is on it. Values of `metadata.` stand beside the named ones. */
export const personListQuery = pageQuery
  .extend(namedFilters)
  .catchall(z.union([z.string(), z.array(z.string())]))
  .superRefine((query, context) => {
    if (query.hasImages !== undefined && query.page !== 1)
      context.addIssue({
        code: 'custom',
        path: ['page'],
        message: 'must be left out with hasImages; send cursor',
      })
    if (metadataFiltersOf(query).length <= MAX_METADATA_FILTERS) return
    context.addIssue({ code: 'custom', message: `may ask for at most ${MAX_METADATA_FILTERS} values` })
  })

type PersonListQuery = z.output<typeof personListQuery>

export function personFilterOf(query: PersonListQuery): PersonFilter {
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

/**
 * What is wrong with a filter's name, or null. A typo would list everybody, and whoever deletes what a list names must not
 * delete them.
 */
export function strayPersonFilter(name: string): string | null {
  if (KNOWN.has(name)) return null
  if (!name.startsWith(PREFIX)) return `is not known here; known are ${[...KNOWN].join(', ')}, metadata.<key>`
  if (keysOf(name.slice(PREFIX.length)) === null)
    return 'has a backslash that stands before neither a dot nor a backslash'
  return null
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
