import { printable } from '../command/table.ts'
import { hasEnded, type ImportAnswer } from './import-calls.ts'
import type { Sent } from './send-rows.ts'

type Words = readonly [one: string, many: string]

/** In plain words, by what came of a row. */
const MEANING: Readonly<Record<string, Words>> = {
  enrolled: ['enrolled', 'enrolled'],
  // Made, changed, or so already.
  'person-written': ['person without a picture is there', 'persons without a picture are there'],
  'group-written': ['group of an export is there', 'groups of an export are there'],
  'same-picture': ['picture that the person had already', 'pictures that the person had already'],
  'same-person': ['face of another person of the gallery', 'faces of another person of the gallery'],
  'no-face': ['picture without a face', 'pictures without a face'],
  'several-faces': ['picture with several faces', 'pictures with several faces'],
  'low-quality': ['face of too low quality', 'faces of too low quality'],
  undecodable: ['file that is no picture, or too large', 'files that are no picture, or too large'],
  'link-refused': ['link that gave no picture', 'links that gave no picture'],
  invalid: ['row that is wrong', 'rows that are wrong'],
  failed: ['row that failed', 'rows that failed'],
  cancelled: ['row that was cancelled', 'rows that were cancelled'],
}
/** Nothing of these is written by a dry run. */
const IF_DRY: Readonly<Record<string, Words>> = {
  enrolled: ['would be enrolled', 'would be enrolled'],
  'person-written': ['person without a picture would be there', 'persons without a picture would be there'],
  'group-written': ['group of an export would be there', 'groups of an export would be there'],
}
/** What the person who sent the rows had in mind. */
const GOOD: ReadonlySet<string> = new Set(['enrolled', 'person-written', 'group-written', 'same-picture'])

/** Rows that did not become what they were meant to. */
export function lossesOf(made: Pick<ImportAnswer, 'rows' | 'state'>): number {
  const { byOutcome, total, ended } = made.rows
  const bad = Object.entries(byOutcome).filter(([kind]) => !GOOD.has(kind))
  // It was cancelled meanwhile: nothing comes of these.
  const left = hasEnded(made) ? total - ended : 0
  return bad.reduce((sum, [, count]) => sum + count, left)
}

/** What is printed at the end, for a person; `named`: the rows that came to nothing. */
export function summaryLines(
  made: ImportAnswer,
  { notes }: Pick<Sent, 'notes'>,
  named: readonly string[],
): readonly string[] {
  return [...importLines(made), ...named, ...notes.map(noteLine), ...sourceNoteLines(made)]
}

/** What the server has noted of a source that it read itself. */
export function sourceNoteLines({ source }: Pick<ImportAnswer, 'source'>): readonly string[] {
  return (source?.notes ?? []).map(noteLine)
}

function noteLine(note: string): string {
  return `  note: ${printable(note)}`
}

/** How far an import is, and what came of its rows. */
export function importLines(
  made: Pick<ImportAnswer, 'name' | 'state' | 'rows' | 'dryRun'>,
): readonly string[] {
  const { name, state, rows, dryRun } = made
  const counts = Object.entries(rows.byOutcome).toSorted(([, a], [, b]) => b - a)
  const width = Math.max(1, ...counts.map(([, count]) => String(count).length))
  const { total, ended, underWay } = rows
  const haveEnded = `${ended} of ${total} ${total === 1 ? 'row has' : 'rows have'} ended.`
  return [
    `Import "${printable(name)}" is ${state}: ${haveEnded}`,
    ...(underWay > 0 ? stoppedLines(state, underWay) : []),
    ...(dryRun ? ['Dry run: nothing was written.'] : []),
    ...counts.map(([kind, count]) => `  ${String(count).padStart(width)}  ${meaningOf(kind, count, dryRun)}`),
  ]
}

/** Rows that only stand in the queue count as under way, too, until they are given back. */
function stoppedLines(state: ImportAnswer['state'], underWay: number): readonly string[] {
  if (state !== 'paused' && state !== 'cancelled') return []
  const others = state === 'paused' ? 'wait again' : 'are cancelled'
  return underWay === 1
    ? [
        `1 row is under way still: it ends if work on it has begun. Else it ${state === 'paused' ? 'waits again' : 'is cancelled'}.`,
      ]
    : [
        `${underWay} rows are under way still: those on which work has begun end, which are a few. The others ${others}.`,
      ]
}

/** What becomes of the rows that wait when their import is cancelled: the server may need a while for many. */
export function cancelledLines({ state, rows }: Pick<ImportAnswer, 'state' | 'rows'>): readonly string[] {
  if (state !== 'cancelled' || rows.waiting === 0) return []
  return rows.waiting === 1
    ? ['1 row that waits is cancelled, and its picture removed.']
    : [`${rows.waiting} rows that wait are cancelled, and their pictures removed.`]
}

function meaningOf(kind: string, count: number, dryRun: boolean): string {
  const words = (dryRun ? IF_DRY[kind] : undefined) ?? MEANING[kind]
  return words?.[count === 1 ? 0 : 1] ?? kind
}
