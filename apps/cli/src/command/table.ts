import Table from 'cli-table3'
import stringWidth from 'string-width'

export interface Column {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** May be cut where the terminal is too narrow; an id may not. */
  readonly isCuttable?: boolean
  /** Characters that it keeps at least if it is cut; 8 if left out. */
  readonly least?: number
}

const GAP = 2
/** Characters that a cut column keeps at least, if it does not say. */
const LEAST = 8
const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'],
  ].map((place) => [place, '']),
)

/**
 * Lines of a table that fit into `width` columns if they can: texts are cut, and ids are not.
 * @param width of the terminal; Infinity where there is none, or none that tells it (0), so that programs read whole texts
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number = process.stdout.columns || Number.POSITIVE_INFINITY,
): readonly string[] {
  const cells = [columns.map(({ title }) => title), ...rows].map((row) => row.map(printable))
  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP },
    colAligns: columns.map(({ align = 'left' }) => align),
    colWidths: widthsOf(columns, cells, width),
  })
  table.push(...cells)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}

/** What was counted, by its name; what is counted within a part comes after the name of the part. */
export function countLines(counts: object, part = ''): readonly string[] {
  return tableLines([{ title: 'what' }, { title: 'count', align: 'right' }], countRows(counts, part)).slice(1)
}

function countRows(counts: object, part: string): readonly (readonly string[])[] {
  return Object.entries(counts).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? countRows(value, `${part}${name} `)
      : [[`${part}${name}`, String(value)]],
  )
}

/** Names are whatever somebody sent: escape sequences and turned letters must not reach a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '\u{fffd}')
}

function widthsOf(
  columns: readonly Column[],
  cells: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = columns.map(
    (_, at) => cells.reduce((most, row) => Math.max(most, stringWidth(row[at] ?? '')), 0) + GAP,
  )
  let surplus = widths.reduce((sum, one) => sum + one, 0) - GAP - width
  while (surplus > 0) {
    const widest = indexOfWidest(columns, widths)
    if (widest === null) break
    widths[widest] = (widths[widest] ?? 0) - 1
    surplus--
  }
  return widths
}

function indexOfWidest(columns: readonly Column[], widths: readonly number[]): number | null {
  const cuttable = [...widths.keys()].filter(
    (at) => columns[at]?.isCuttable === true && (widths[at] ?? 0) > (columns[at]?.least ?? LEAST) + GAP,
  )
  const [widest = null] = cuttable.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))
  return widest
}
