import { tableLines } from '../command/table.ts'
import type { Finding } from './finding.ts'

const MARKS = { fine: 'fine', note: 'note', wrong: 'WRONG' } as const

/** Findings for people: a line for each, and below it what to do. */
export function findingLines(findings: readonly Finding[]): readonly string[] {
  const columns = [{ title: '' }, { title: 'part' }, { title: 'found' }]
  const table = tableLines(
    columns,
    findings.map(({ part, state, what }) => [MARKS[state], part, what]),
    Number.POSITIVE_INFINITY,
  )
  // The first line is the heading of a table; what to do stands below its finding.
  return findings.flatMap(({ advice }, at) => [
    `  ${table[at + 1] ?? ''}`,
    ...(advice === '' ? [] : [`         -> ${advice}`]),
  ])
}
