import { fieldNamed } from '../fields/field-names.ts'

const DELIMITERS = [',', ';', '\t', '|'] as const

export interface CsvDelimiter {
  readonly delimiter: string
  /** Bytes of a first line such as `sep=;`, which spreadsheet programs write and read. */
  readonly skipBytes: number
}

/**
 * Read off the header: the delimiter that makes the most columns whose names mean something here; of several, the first
 * of comma, semicolon, tab and bar. `head` has the first line that is not blank, one character for each byte.
 */
export function detectDelimiter(head: string): CsvDelimiter {
  const told = /^"?sep=([,;\t|])"?(?:\r\n|\n|\r)/i.exec(head)
  if (told !== null) return { delimiter: told[1] ?? ',', skipBytes: told[0].length }
  const header = head.split(LINE_BREAK).find(hasContent) ?? ''
  const known = DELIMITERS.map((delimiter) => ({ delimiter, count: knownColumns(header, delimiter) }))
  const best = known.reduce((first, next) => (next.count > first.count ? next : first))
  return { delimiter: best.delimiter, skipBytes: 0 }
}

/** Whether the first line that is more than delimiters is there as a whole. */
export function hasHeader(head: string): boolean {
  return head.split(LINE_BREAK).slice(0, -1).some(hasContent)
}

const LINE_BREAK = /[\r\n]/

function hasContent(line: string): boolean {
  return /[^,;\t| "]/.test(line)
}

function knownColumns(header: string, delimiter: string): number {
  const names = header.split(delimiter).map((name) => name.replace(/^\s*"|"\s*$/g, ''))
  return names.filter((name) => fieldNamed(name) !== null || /^metadata\./i.test(name)).length
}
