import type { MeasuredIndex } from '../measured.ts'

/** A search of everybody in Qdrant, as it was measured. */
export interface IndexPoint {
  readonly rows: number
  readonly shards: number
  /** Time of a core in Qdrant for one search, ms. */
  readonly cpuMs: number
  /** Memory of Qdrant. */
  readonly residentBytes: number
}

/** Those whose graphs were built: without one, a search looks at every face. */
export function pointsOf(measured: readonly MeasuredIndex[]): readonly IndexPoint[] {
  return measured.flatMap(({ rows, shards, build, residentBytes, searches }) => {
    const ofEverybody = searches.find(({ share }) => share === 1)
    if (build === null || ofEverybody === undefined) return []
    return [{ rows, shards, cpuMs: ofEverybody.cpuMs, residentBytes }]
  })
}

/** What a question costs one shard that holds so many rows. */
export interface ShardCost {
  /** For a question to a node, however many shards it has there, ms. */
  readonly questionMs: number
  shardMs(rows: number): number
}

/**
 * Each shard is searched by its graph, whose paths grow with the logarithm of its rows. Fits
 * `question + shards * (a + b * log2(rows per shard))` to what was measured, with `question` given, by least squares.
 */
export function fitShardCost(points: readonly IndexPoint[], questionMs: number): ShardCost {
  const samples = points.map(({ rows, shards, cpuMs }) => ({
    x: Math.log2(rows / shards),
    y: Math.max(0, cpuMs - questionMs) / shards,
  }))
  const mean = (of: (one: (typeof samples)[number]) => number) =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length
  const [x, y] = [mean((one) => one.x), mean((one) => one.y)]
  const variance = mean((one) => (one.x - x) ** 2)
  const slope = variance === 0 ? y / x : mean((one) => (one.x - x) * (one.y - y)) / variance
  // Costs do not fall with size: with few points, noise may say so.
  const b = Math.max(0, slope)
  const a = y - b * x
  const least = Math.min(...samples.map((one) => one.y))
  return { questionMs, shardMs: (rows) => Math.max(least / 2, a + b * Math.log2(Math.max(2, rows))) }
}

/** Memory of Qdrant with hardly any faces: 131 MB with 6,000 of them. */
const EMPTY_BYTES = 115e6

/** Memory of a face, by the largest gallery, bytes. */
export function bytesPerFace(points: readonly Pick<IndexPoint, 'rows' | 'residentBytes'>[]): number {
  const largest = points.toSorted((a, b) => b.rows - a.rows)[0]
  if (largest === undefined) throw new Error('nothing was measured of the index')
  return (largest.residentBytes - EMPTY_BYTES) / largest.rows
}
