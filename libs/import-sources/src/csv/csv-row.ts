import { amount } from '@semblance/core'
import { InvalidField } from '../fields/invalid-field.ts'
import { isJsonObject, jsonText, parseJson } from '../fields/json-text.ts'
import { makeRow, personIn, problemAt, type RowFields, type RowPlace } from '../fields/make-row.ts'
import { withContents } from '../fields/with-contents.ts'
import type { SourceItem, SourcePicture } from '../source-row.ts'
import { type DetectedEncoding, decodeCell, notIn } from './csv-encoding.ts'
import type { CsvColumn } from './csv-header.ts'

export interface CsvTable {
  readonly columns: readonly CsvColumn[]
  readonly encoding: DetectedEncoding
}

/** A row or what is wrong with it. */
export function readCsvRow(
  cells: readonly string[],
  { columns, encoding }: CsvTable,
  place: RowPlace,
): SourceItem {
  const texts = cells.map((cell) => decodeCell(cell, encoding))
  const key = texts[columns.findIndex(({ means }) => means === 'key')] || undefined
  const stood = cells.join('\0')
  try {
    checkCells(texts, columns, encoding)
    return withContents(makeRow(fieldsOf(texts, columns), place), stood)
  } catch (error) {
    if (!(error instanceof InvalidField)) throw error
    const person = personIn(idsOf(texts, columns))
    return withContents(problemAt({ ...place, key, person }, error.field, error.message), stood)
  }
}

function checkCells(
  texts: readonly (string | null)[],
  columns: readonly CsvColumn[],
  encoding: DetectedEncoding,
): asserts texts is readonly string[] {
  if (texts.includes(null)) throw new InvalidField('row', notIn(encoding))
  // Some programs end each row with a delimiter.
  const surplus = texts.slice(columns.length).some((text) => text !== '')
  if (texts.length < columns.length || surplus) {
    throw new InvalidField('row', `has ${amount(texts.length, 'cell')}, the header has ${columns.length}`)
  }
}

type CellOf = (means: CsvColumn['means']) => string | undefined

/** What is empty is not there; null is what could not be decoded. */
function cellsOf(texts: readonly (string | null)[], columns: readonly CsvColumn[]): CellOf {
  return (means) => texts[columns.findIndex((column) => column.means === means)] || undefined
}

function idsOf(texts: readonly (string | null)[], columns: readonly CsvColumn[]) {
  const cellOf = cellsOf(texts, columns)
  return {
    id: cellOf('id')?.trim(),
    externalId: cellOf('externalId'),
    personKey: cellOf('personKey'),
  }
}

function fieldsOf(texts: readonly string[], columns: readonly CsvColumn[]): RowFields {
  const cellOf = cellsOf(texts, columns)
  const groups = cellOf('groups')
  return {
    key: cellOf('key'),
    ...idsOf(texts, columns),
    name: cellOf('name'),
    expireAt: cellOf('expireAt')?.trim(),
    groups: groups === undefined ? undefined : splitGroups(groups),
    metadata: metadataOf(cellOf('metadata'), entriesOf(texts, columns)),
    picture: pictureOf({ picture: cellOf('picture'), link: cellOf('link'), file: cellOf('file') }),
  }
}

function splitGroups(text: string): readonly string[] {
  return text
    .split(/[;|]/)
    .map((group) => group.trim())
    .filter((group) => group !== '')
}

function entriesOf(
  texts: readonly string[],
  columns: readonly CsvColumn[],
): readonly (readonly [string, string])[] {
  return columns.flatMap((column, index) => {
    const text = texts[index] ?? ''
    return column.means === 'metadata-entry' && text !== '' ? [[column.entry, text] as const] : []
  })
}

/** A column of its own counts for more than an entry of the same name in the column `metadata`. */
function metadataOf(
  text: string | undefined,
  entries: readonly (readonly [string, string])[],
): string | undefined {
  if (text === undefined && entries.length === 0) return undefined
  const base = text === undefined ? {} : parseJson('metadata', text)
  if (!isJsonObject(base)) throw new InvalidField('metadata', 'must be a JSON object')
  return jsonText('metadata', { ...base, ...Object.fromEntries(entries) })
}

/** What begins with a scheme; one letter before a colon is a drive. */
const LINK = /^\s*[a-z][a-z0-9+.-]+:/i
/** What no name of a file begins with. */
const URL_START = /^\s*[a-z][a-z0-9+.-]*:\/\//i
const DATA_URI = /^\s*data:/i

function pictureOf(given: {
  readonly picture: string | undefined
  readonly link: string | undefined
  readonly file: string | undefined
}): SourcePicture | undefined {
  const { picture, link, file } = given
  const [text, ...others] = [picture, link, file].filter((each) => each !== undefined)
  if (text === undefined) return undefined
  if (others.length > 0) throw new InvalidField('picture', 'is given twice: as picture, url or file')
  if (DATA_URI.test(text))
    throw new InvalidField('picture', 'is a data URI: a CSV takes links and file names')
  if (file !== undefined && URL_START.test(file))
    throw new InvalidField('file', 'is a link: use the column url')
  const isLink = link !== undefined || (file === undefined && LINK.test(text))
  return isLink ? { link: text.trim() } : { file: text }
}
