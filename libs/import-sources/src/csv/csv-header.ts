import { type FieldName, fieldNamed, listNames, PERSON_FIELDS } from '../fields/field-names.ts'
import { didYouMean } from '../fields/near-field.ts'
import { SourceFault } from '../source-fault.ts'
import { type DetectedEncoding, decodeCell, notIn } from './csv-encoding.ts'

export type CsvColumn =
  | { readonly means: FieldName }
  | { readonly means: 'metadata-entry'; readonly entry: string }
  | { readonly means: 'nothing'; readonly name: string }

export interface CsvHeader {
  readonly columns: readonly CsvColumn[]
  /** Whether a column names whom the rows are about, so that a row may leave it empty. */
  readonly namesPersons: boolean
  /** Null if all columns are read. */
  readonly note: string | null
}

/** Columns that say where a picture is. */
const PICTURE_COLUMNS: readonly string[] = ['picture', 'link', 'file']

/** What to do where the columns that are not read were meant to be none of ours. */
const ON_PURPOSE = {
  person:
    'To make a person of each row on purpose, at each import anew, leave out the others, or call them metadata.NAME',
  picture:
    'To make persons without pictures on purpose, leave out the others, call them metadata.NAME, or add an empty column file',
} as const

const METADATA_ENTRY = /^\s*metadata\.(.+)$/is

/** Throws the fault `not-readable` for a first row that is no header of a manifest. */
export function readHeader(cells: readonly string[], encoding: DetectedEncoding): CsvHeader {
  const columns = cells.map((cell, index) => columnOf(decoded(cell, index, encoding)))
  const named = columns.map(meaningOf).filter((meaning) => meaning !== null)
  if (named.length === 0) {
    throw new SourceFault(
      'not-readable',
      'the first row is no header: it has none of key, external_id, id, person_key, name, groups, metadata, expire_at, picture, url, file',
    )
  }
  const twice = named.find((meaning, index) => named.indexOf(meaning) !== index)
  if (twice !== undefined) throw new SourceFault('not-readable', `two columns of the header mean ${twice}`)
  const namesPersons = PERSON_FIELDS.some((field) => named.includes(field))
  const unknown = columns.flatMap((column) => (column.means === 'nothing' ? [column.name] : []))
  if (unknown.length === 0) return { columns, namesPersons, note: null }
  const note = `columns that are not read: ${listNames(unknown)}`
  // Most likely one of those says it: else each row would make somebody of its own, and again at each import. A name alone
  // tells no two persons apart, and is compared with nobody.
  if (!namesPersons)
    throw new SourceFault(
      'not-readable',
      `no column says who the persons are (external_id, id or person_key), and there are ${note}${didYouMean(unknown, 'person')}. ${ON_PURPOSE.person}`,
    )
  // Most likely one of those names the pictures: else everybody would be made without one.
  if (!named.some((meaning) => PICTURE_COLUMNS.includes(meaning)))
    throw new SourceFault(
      'not-readable',
      `no column names pictures (file, url or picture), and there are ${note}${didYouMean(unknown, 'picture')}. Those that are read are ${listNames(named)}. ${ON_PURPOSE.picture}`,
    )
  return { columns, namesPersons, note }
}

function decoded(cell: string, index: number, encoding: DetectedEncoding): string {
  const name = decodeCell(cell, encoding)
  if (name !== null) return name.trim()
  throw new SourceFault('not-readable', `the name of column ${index + 1} ${notIn(encoding)}`)
}

function columnOf(name: string): CsvColumn {
  const entry = METADATA_ENTRY.exec(name)?.[1]
  if (entry !== undefined) return { means: 'metadata-entry', entry }
  const means = fieldNamed(name)
  const isRead = means !== null && means !== 'restore' && means !== 'sourceProblem'
  return !isRead ? { means: 'nothing', name } : { means }
}

function meaningOf(column: CsvColumn): string | null {
  if (column.means === 'nothing') return null
  return column.means === 'metadata-entry' ? `metadata.${column.entry}` : column.means
}
