import { archiveKindOf, isPicture } from './archive/magics.ts'
import { SourceFault } from './source-fault.ts'

export type SourceKind = 'zip' | 'gzip' | 'tar' | 'csv' | 'ndjson'

/** What a sender says of a source. */
export interface SaidKind {
  /** As in HTTP, with or without parameters. */
  readonly contentType?: string
  readonly fileName?: string
}

/** A tar tells what it is in its first header, of so many bytes. */
export const HEAD_BYTES = 512

const BY_CONTENT_TYPE: Readonly<Record<string, SourceKind>> = {
  'application/zip': 'zip',
  'application/x-zip-compressed': 'zip',
  'application/gzip': 'gzip',
  'application/x-gzip': 'gzip',
  'application/x-tar': 'tar',
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
}

const BY_ENDING: readonly (readonly [RegExp, SourceKind])[] = [
  [/\.zip$/i, 'zip'],
  [/\.(tgz|gz)$/i, 'gzip'],
  [/\.tar$/i, 'tar'],
  [/\.(csv|tsv)$/i, 'csv'],
  [/\.(ndjson|jsonl)$/i, 'ndjson'],
]

/**
 * By its first bytes; what its sender says decides only where these leave it open: between the kinds of text, and for a tar
 * of the old kind. Throws the fault `not-readable`.
 */
export function detectKind(head: Buffer, said: SaidKind): SourceKind {
  if (head.length === 0) throw new SourceFault('not-readable', 'it is empty')
  const binary = binaryKindOf(head)
  if (binary !== null) return binary
  const told = kindSaid(said)
  if (told === 'tar') return 'tar'
  if (told === 'zip' || told === 'gzip')
    throw new SourceFault('not-readable', `it is said to be a ${told}, and is none`)
  return told ?? textKindOf(head)
}

function binaryKindOf(head: Buffer): SourceKind | null {
  const kind = archiveKindOf(head)
  if (kind === 'other') {
    throw new SourceFault(
      'not-readable',
      'it is an archive of a kind that is not read: send a tar, tar.gz or zip',
    )
  }
  if (kind === null && isPicture(head)) {
    throw new SourceFault('not-readable', 'it is one picture; send it in an archive, or enroll it by itself')
  }
  return kind
}

function kindSaid({ contentType, fileName }: SaidKind): SourceKind | null {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (Object.hasOwn(BY_CONTENT_TYPE, type)) return BY_CONTENT_TYPE[type] ?? null
  return BY_ENDING.find(([ending]) => fileName !== undefined && ending.test(fileName))?.[1] ?? null
}

function textKindOf(head: Buffer): SourceKind {
  const [first] = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  if (first === '{') return 'ndjson'
  if (first === '[')
    throw new SourceFault('not-readable', 'it is one JSON array; send one object for each line')
  return 'csv'
}
