import { CsvError, type Info, type Parser, parse } from 'csv-parse'
import { peek, skip } from '../bytes/peek.ts'
import { type ByteSource, readBytes } from '../bytes/read-bytes.ts'
import { boundsOf, type Reading } from '../reading.ts'
import { SourceFault } from '../source-fault.ts'
import type { SourceItem } from '../source-row.ts'
import { detectDelimiter, hasHeader } from './csv-delimiter.ts'
import { asciiLike, type CsvEncoding, detectEncoding } from './csv-encoding.ts'
import { readHeader } from './csv-header.ts'
import { type CsvTable, readCsvRow } from './csv-row.ts'

export interface CsvReading extends Reading {
  /** What the file is in unless it begins with a byte order mark; UTF-8 if left out. */
  readonly encoding?: CsvEncoding | undefined
}

const NOT_BLANK = /[^ \t\r\n]/

/** Enough for a byte order mark. */
const BOM_BYTES = 4

/**
 * The rows of a CSV whose first row that is not blank names its columns; blank rows are passed over. Delimiter and encoding are found out. Line breaks may be of any
 * kind, and stand within quotes; a quote within a cell that does not begin with one is a plain character. Throws
 * `SourceFault`, and the signal's reason.
 */
export async function* readCsvManifest(
  source: ByteSource,
  reading: CsvReading = {},
): AsyncGenerator<SourceItem> {
  const { rowBytes, columns: maxColumns } = boundsOf(reading)
  const start = await peek(readBytes(source, reading), BOM_BYTES)
  const detected = detectEncoding(start.head, reading.encoding)
  const first = await peek(asciiLike(start.all, detected), rowBytes, (head) =>
    hasHeader(head.toString('latin1')),
  )
  const { delimiter, skipBytes } = detectDelimiter(first.head.toString('latin1'))
  let table: CsvTable | null = null
  let mayTell = false
  const taken = records(skip(first.all, skipBytes), { delimiter, rowBytes })
  for await (const { cells, position } of taken) {
    if (table !== null) {
      const item = readCsvRow(cells, table, { unit: 'row', position })
      yield item
      if (!mayTell || !namesNobody(item)) continue
      mayTell = false
      yield { kind: 'note', message: nobodyNamed(position) }
      continue
    }
    if (cells.length > maxColumns) {
      throw new SourceFault('too-large', `the header has ${cells.length} columns; ${maxColumns} are the most`)
    }
    const { columns, namesPersons, note } = readHeader(cells, detected.encoding)
    table = { columns, encoding: detected.encoding }
    mayTell = namesPersons
    if (note !== null) yield { kind: 'note', message: note }
  }
  if (table === null) throw new SourceFault('not-readable', 'the CSV is empty')
}

/** Whether it is about somebody of its own. */
function namesNobody(item: SourceItem): boolean {
  return item.kind === 'row' && item.person.by === 'key' && item.person.key === item.key
}

function nobodyNamed(position: number): string {
  return `row ${position} says nothing in the column that names its person: each such row is about somebody of its own, and makes that person again in another import (row ${position} of the file, its header included; a position in the report is that among the rows of the import)`
}

interface CsvShape {
  readonly delimiter: string
  readonly rowBytes: number
}

interface CsvRecord {
  /** With one character for each byte. */
  readonly cells: readonly string[]
  /** From 1 on; blank rows count. */
  readonly position: number
}

/** The records of which a cell is not blank: spreadsheets end in rows of delimiters alone, and may begin with them. */
async function* records(
  pieces: AsyncGenerator<Buffer>,
  { delimiter, rowBytes }: CsvShape,
): AsyncGenerator<CsvRecord> {
  // Taken from under the stream, which would drop at an error what it has not handed out yet.
  let parsed: CsvRecord[] = []
  const take = (cells: readonly string[], { records, empty_lines }: Info): undefined => {
    const position = records + empty_lines
    if (cells.some((cell) => NOT_BLANK.test(cell))) parsed.push({ cells, position })
  }
  const parser = parse({
    delimiter,
    encoding: 'latin1',
    max_record_size: rowBytes,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    relax_quotes: true,
    // A small gzip may hold a hundred million of them, and the parser takes long for a record.
    skip_empty_lines: true,
    on_record: take,
  })
  // `end` and `write` tell of the same fault.
  parser.on('error', () => {})
  let openBytes = 0
  for await (const piece of withEnd(pieces)) {
    const before = endedBy(parser)
    const error = await feed(parser, piece)
    openBytes = endedBy(parser) > before ? 0 : openBytes + (piece?.length ?? 0)
    yield* parsed
    parsed = []
    if (error instanceof CsvError) throw faultOf(error, { parser, rowBytes })
    if (error !== null) throw error
    // The parser counts only what stands in the cells of a row: a row of delimiters would have no end.
    if (openBytes > rowBytes) throw rowTooLong(endedBy(parser), rowBytes)
  }
}

async function* withEnd(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer | null> {
  yield* pieces
  yield null
}

function feed(parser: Parser, piece: Buffer | null): Promise<Error | null> {
  return new Promise((resolve) => {
    const done = (error?: Error | null) => resolve(error ?? null)
    if (piece === null) parser.end(done)
    else parser.write(piece, done)
  })
}

function faultOf(error: CsvError, read: { readonly parser: Parser; readonly rowBytes: number }): SourceFault {
  const records = endedBy(read.parser)
  if (error.code === 'CSV_MAX_RECORD_SIZE') return rowTooLong(records, read.rowBytes)
  if (error.code === 'CSV_QUOTE_NOT_CLOSED') {
    return new SourceFault(
      'truncated',
      `a quote that opens in row ${records + 1} is not closed before the end`,
    )
  }
  return new SourceFault('damaged', `row ${records + 1} cannot be read`, error.code)
}

function rowTooLong(records: number, rowBytes: number): SourceFault {
  const message = `row ${records + 1} has more than ${rowBytes} bytes; is a quote not closed?`
  return new SourceFault('too-large', message)
}

function endedBy({ info }: Parser): number {
  return info.records + info.empty_lines
}
