import type { WordTable } from '../memory/word-table.ts'
import type { FoundRows } from '../scan-messages.ts'

/** A row that a scan found, by ordinals. */
export interface FoundRow {
  readonly person: number
  readonly row: number
  readonly cosine: number
}

/** Tables of ids, for ties: the smaller id is the better one. */
export interface TieBreakers {
  readonly personKeys: WordTable
  readonly imageKeys: WordTable
}

/** Joins what the threads found: each person's rows together, best first, persons by their best row. */
export function rankCandidates(parts: readonly FoundRows[], ties: TieBreakers): FoundRow[][] {
  const rows = parts.flatMap(foundRowsOf)
  rows.sort((a, b) => b.cosine - a.cosine || ties.imageKeys.compare(a.row, b.row))
  const persons = [...Map.groupBy(rows, ({ person }) => person).values()]
  return persons.sort(([a], [b]) => {
    if (a === undefined || b === undefined) return 0
    return b.cosine - a.cosine || ties.personKeys.compare(a.person, b.person)
  })
}

function foundRowsOf({ persons, rows, cosines }: FoundRows): FoundRow[] {
  return Array.from(persons, (person, at) => ({ person, row: rows[at] ?? 0, cosine: cosines[at] ?? 0 }))
}
