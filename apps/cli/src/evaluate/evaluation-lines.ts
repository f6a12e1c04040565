import { printable, tableLines } from '../command/table.ts'

export interface EvaluationCounts {
  readonly photos: number
  readonly withoutFace: number
  readonly unreadable: number
  readonly persons: number
  readonly enrolled: number
  readonly matedSearches: number
  readonly nonMatedSearches: number
}

/** Paths of photos that took no part. */
export interface LeftOut {
  readonly withoutFace: readonly string[]
  readonly unreadable: readonly string[]
}

/** Files that are named to people; the result for programs has all. */
const MOST_NAMED = 5

const LABELS = {
  photos: 'photos',
  withoutFace: 'photos without a face',
  unreadable: 'files that cannot be read',
  persons: 'persons',
  enrolled: 'persons enrolled',
  matedSearches: 'searches for somebody enrolled',
  nonMatedSearches: 'searches for strangers',
} as const satisfies Record<keyof EvaluationCounts, string>

/** What was counted, and the first files that took no part. */
export function evaluationLines(counts: EvaluationCounts, left: LeftOut): readonly string[] {
  const kinds = Object.entries(LABELS) as [keyof EvaluationCounts, string][]
  const rows = kinds.map(([kind, label]) => [label, String(counts[kind])])
  const columns = [{ title: 'what' }, { title: 'count', align: 'right' as const }]
  return [
    ...tableLines(columns, rows).slice(1),
    ...namedLines(LABELS.withoutFace, left.withoutFace),
    ...namedLines(LABELS.unreadable, left.unreadable),
  ]
}

function namedLines(label: string, files: readonly string[]): readonly string[] {
  if (files.length === 0) return []
  const named = files.slice(0, MOST_NAMED).map((file) => `  ${printable(file)}`)
  const more = files.length - named.length
  return ['', `${label}:`, ...named, ...(more > 0 ? [`  ... and ${more} more, which --json names`] : [])]
}
