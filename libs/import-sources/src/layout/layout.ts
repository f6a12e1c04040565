import { InvalidField } from '../fields/invalid-field.ts'
import { personIn, type RowFields } from '../fields/make-row.ts'
import type { SourcePerson } from '../source-row.ts'
import type { NamePattern } from './name-pattern.ts'

/** How the files of an archive or a folder become rows. */
export type Layout =
  /** By a manifest if there is one at the top, else by folders. */
  | { readonly by: 'auto' }
  /** The folder that a picture lies in is its person: external id and name. */
  | { readonly by: 'folders' }
  /** What the file is called says whose picture it is: external id, and name where it has no other. */
  | { readonly by: 'pattern'; readonly pattern: NamePattern }
  /** `manifest.csv` or `manifest.ndjson` at the top names the files. */
  | { readonly by: 'manifest' }

/** What the path of a picture says of its row, beside the picture. Throws `InvalidField`. */
export function fieldsOfPath(
  path: string,
  layout: Exclude<Layout, { readonly by: 'auto' | 'manifest' }>,
): RowFields {
  if (layout.by === 'folders') {
    const folder = path.split('/').at(-2)
    if (folder === undefined) throw new InvalidField('person', 'is not known: the picture lies in no folder')
    return { key: path, externalId: folder, name: folder }
  }
  const parts = layout.pattern.match(path)
  if (parts === null) throw new InvalidField('person', 'is not known: the name does not fit the pattern')
  return {
    key: path,
    externalId: parts.person,
    name: parts.name ?? parts.person,
    // A name alone tells rows of one person together, and makes nobody an external id.
    personKey: parts.person === undefined ? parts.name : undefined,
    groups: parts.group === undefined ? undefined : [parts.group],
  }
}

/** Whose picture it is by its path; undefined if the path does not say that. */
export function personOfPath(
  path: string,
  layout: Exclude<Layout, { readonly by: 'auto' | 'manifest' }>,
): SourcePerson | undefined {
  try {
    return personIn(fieldsOfPath(path, layout))
  } catch (error) {
    if (error instanceof InvalidField) return undefined
    throw error
  }
}

const MANIFESTS = { 'manifest.csv': 'csv', 'manifest.ndjson': 'ndjson' } as const

export type ManifestKind = (typeof MANIFESTS)[keyof typeof MANIFESTS]

/** Null for a file that is no manifest by its path. */
export function manifestKindOf(path: string): ManifestKind | null {
  const name = path.toLowerCase()
  return name === 'manifest.csv' || name === 'manifest.ndjson' ? MANIFESTS[name] : null
}
