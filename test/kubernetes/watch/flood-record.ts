import type { LoadedSearch } from '../load/search-load.ts'
import type { Sample } from './watch-cluster.ts'

/** Ten seconds of a flood. */
export interface FloodSlice {
  /** Its beginning, since the flood began; negative before. */
  readonly second: number
  readonly asked: number
  /** How many of those that were asked in it were told once or more to come again (503 with Retry-After). */
  readonly toldToComeAgain: number
  /** From the first try to the last answer, of those that were asked in it. NaN: nothing was. */
  readonly p50Ms: number
  readonly p95Ms: number
  /** Search workers at its end. */
  readonly workersWanted: number
  readonly workersReady: number
  /** The most searches that waited in the queue. NaN: no gateway told. */
  readonly waiting: number
}

const SLICE_S = 10

/** `begunAt`: when the flood began, ms since 1970. */
export function sliceFlood(
  searches: readonly LoadedSearch[],
  samples: readonly Sample[],
  begunAt: number,
): readonly FloodSlice[] {
  const numberOf = (at: number) => Math.floor((at - begunAt) / 1000 / SLICE_S)
  const searchesOf = Map.groupBy(searches, ({ at }) => numberOf(at))
  const samplesOf = Map.groupBy(samples, ({ at }) => numberOf(at))
  return [...samplesOf]
    .toSorted(([a], [b]) => a - b)
    .map(([number, seen]) => slice(number * SLICE_S, searchesOf.get(number) ?? [], seen))
}

function slice(second: number, searches: readonly LoadedSearch[], samples: readonly Sample[]): FloodSlice {
  const workers = samples.at(-1)?.pods['search-workers']
  const waiting = samples.flatMap(({ lanes }) => (lanes === null ? [] : [lanes.search.waiting]))
  const took = searches.map(({ ms }) => ms)
  return {
    second,
    asked: searches.length,
    toldToComeAgain: searches.filter(({ tries }) => tries.length > 1).length,
    p50Ms: quantile(took, 0.5),
    p95Ms: quantile(took, 0.95),
    workersWanted: workers?.wanted ?? Number.NaN,
    workersReady: workers?.ready ?? Number.NaN,
    waiting: waiting.length === 0 ? Number.NaN : Math.max(...waiting),
  }
}

/** The value that so many of all are at or below; NaN of none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}
