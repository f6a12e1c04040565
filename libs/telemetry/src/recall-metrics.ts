import { Counter, type Registry } from 'prom-client'

/** What the index loses, by searches that are repeated exactly. None of these throws. */
export interface RecallMetrics {
  /** Of one search: persons among its first `at` by an exact look, and those of them that were answered. */
  observeRecall(recall: {
    readonly size: string
    readonly at: number
    readonly expected: number
    readonly found: number
  }): void
  /** What came of a search that was picked: `checked`, `exact`, `busy` or `failed`. */
  countRecallShadow(outcome: string): void
}

export function createRecallMetrics(registry: Registry): RecallMetrics {
  const counter = <const L extends string>(name: string, help: string, labelNames: readonly L[]) =>
    new Counter({ name: `semblance_recall_${name}`, help, labelNames, registers: [registry] })
  const perSearch = ['size', 'at'] as const
  const expected = counter(
    'expected_total',
    'Persons among the first of a search, by an exact look at everybody.',
    perSearch,
  )
  const found = counter('found_total', 'Those of them that the search had answered.', perSearch)
  const shadows = counter('shadows_total', 'Searches picked to be repeated, by what came of it.', ['outcome'])
  return {
    observeRecall: (recall) => {
      const labels = { size: recall.size, at: String(recall.at) }
      expected.inc(labels, recall.expected)
      found.inc(labels, recall.found)
    },
    countRecallShadow: (outcome) => shadows.inc({ outcome }),
  }
}
