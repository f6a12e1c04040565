import type { MetadataFilter, PersonFilter } from '@semblance/core'
import { z } from 'zod'
import { pageQuery } from './page-query.ts'

const PREFIX = 'metadata.'
/** The limit is ours; each is a look-up of its own. */
const MAX_METADATA_FILTERS = 16

const KNOWN = new Set(['page', 'size', 'cursor', 'name', 'externalId'])

/** A list of persons: which page, and who is on it. Values of `metadata.` stand beside the named ones. */
export const personListQuery = pageQuery
  .extend({
    name: z.string().optional().meta({ description: 'Exactly this name.' }),
    externalId: z.string().optional().meta({ description: 'Exactly this external id.' }),
  })
  .catchall(z.union([z.string(), z.array(z.string())]))
  .superRefine((query, context) => {
    if (metadataFiltersOf(query).length <= MAX_METADATA_FILTERS) return
    context.addIssue({ code: 'custom', message: `may ask for at most ${MAX_METADATA_FILTERS} values` })
  })

type PersonListQuery = z.output<typeof personListQuery>

export function personFilterOf(query: PersonListQuery): PersonFilter {
  const { name, externalId } = query
  return {
    ...(name === undefined ? {} : { name }),
    ...(externalId === undefined ? {} : { externalId }),
    metadata: metadataFiltersOf(query),
  }
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
  if (!name.startsWith(PREFIX))
    return 'is not known here; known are page, size, cursor, name, externalId, metadata.<key>'
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
