import { printable } from '../command/table.ts'
import type { ImportAnswer } from './import-calls.ts'
import type { Sent } from './send-rows.ts'

/** In plain words, by what came of a row. */
const MEANING: Readonly<Record<string, string>> = {
  enrolled: 'enrolled',
  'person-written': 'persons written without a picture',
  'group-written': 'groups brought back',
  'same-picture': 'pictures that the person had already',
  'same-person': 'faces of another person of the gallery',
  'no-face': 'pictures without a face',
  'several-faces': 'pictures with several faces',
  'low-quality': 'faces of too low quality',
  undecodable: 'files that are no picture',
  'link-refused': 'links that gave no picture',
  invalid: 'rows that are wrong',
  failed: 'rows that failed',
}
/** What the person who sent the rows had in mind. */
const GOOD: ReadonlySet<string> = new Set(['enrolled', 'person-written', 'group-written', 'same-picture'])
const WRONG_TOLD = 10

/** Rows that did not become what they were meant to. */
export function lossesOf(made: ImportAnswer, sent: Sent): number {
  const ended = Object.entries(made.rows.byOutcome).filter(([kind]) => !GOOD.has(kind))
  const unsent = sent.wrong.filter(({ field }) => field === 'key').length
  return ended.reduce((sum, [, count]) => sum + count, unsent)
}

/** What is printed at the end, for a person. */
export function summaryLines(made: ImportAnswer, sent: Sent): readonly string[] {
  const wrong = sent.wrong.slice(0, WRONG_TOLD).map(wrongLine)
  const more = sent.wrong.length - wrong.length
  return [
    ...importLines(made),
    ...wrong,
    ...(more > 0 ? [`  and ${more} more that are wrong`] : []),
    ...sent.notes.map((note) => `  note: ${note}`),
  ]
}

/** How far an import is, and what came of its rows. */
export function importLines({ name, state, rows }: ImportAnswer): readonly string[] {
  const counts = Object.entries(rows.byOutcome).toSorted(([, a], [, b]) => b - a)
  const width = Math.max(1, ...counts.map(([, count]) => String(count).length))
  return [
    `Import "${printable(name)}" is ${state}: ${rows.ended} of ${rows.total} rows have ended.`,
    ...counts.map(([kind, count]) => `  ${String(count).padStart(width)}  ${MEANING[kind] ?? kind}`),
  ]
}

function wrongLine({ position, key, field, msg }: Sent['wrong'][number]): string {
  return `  row ${position} (${key}): ${field} ${msg}`
}
