import type { IdentifiedPerson, SearchEnrolledOutcome } from '@semblance/core'
import type { CompareResult, SearchResult } from '@semblance/jobs'
import type { ApiMetrics, ObservedSearch } from '../api-deps.ts'

/** What was refused was no search; it is counted as a refusal. */
export function observeSearch(
  metrics: Pick<ApiMetrics, 'observeSearch'>,
  result: SearchResult | SearchEnrolledOutcome,
): void {
  switch (result.outcome) {
    case 'searched': {
      const persons = 'faces' in result ? result.faces.flatMap((face) => face.persons) : result.persons
      metrics.observeSearch(foundAmong(persons))
      break
    }
    case 'low-quality':
      metrics.observeSearch({ outcome: 'nobody', distance: null })
      break
    case 'created':
      metrics.observeSearch({ outcome: 'created', distance: null })
      break
    case 'no-face':
      metrics.observeSearch({ outcome: 'no_face', distance: null })
      break
    default:
  }
}

/** Counts a match_and_search, of which each picture was a search. */
export function observeCompare(metrics: Pick<ApiMetrics, 'observeSearch'>, result: CompareResult): void {
  if (result.outcome !== 'compared') return
  for (const picture of result.pictures) {
    if (picture.outcome === 'no-face') metrics.observeSearch({ outcome: 'no_face', distance: null })
    else if (picture.outcome === 'faces') {
      const persons = picture.faces.flatMap((face) => face.persons ?? [])
      metrics.observeSearch(foundAmong(persons))
    }
  }
}

function foundAmong(persons: readonly IdentifiedPerson[]): ObservedSearch {
  const distances = persons.flatMap(({ images }) => images.slice(0, 1).map(({ distance }) => distance))
  if (distances.length === 0) return { outcome: 'nobody', distance: null }
  return { outcome: 'found', distance: Math.min(...distances) }
}
