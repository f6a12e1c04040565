import { createHash } from 'node:crypto'

/** A fixed random orthonormal map from n features to fewer, n being a power of two: rows of the Walsh-Hadamard matrix
 *  with random signs, map[r][j] = (-1)^popcount(row[r] AND j) * sign[j] / sqrt(n). */
export type Projection = {
  readonly seed: number
  /** Signs of the features, 1 or -1. */
  readonly signs: Int8Array
  /** Rows of the matrix that are kept, in the order of the outputs. */
  readonly rows: Uint16Array
}

export interface ProjectionPlan {
  readonly seed: number
  /** A power of two, as the transform needs. */
  readonly features: number
  readonly outputs: number
}

/** The same plan gives the same map on every machine: only integer arithmetic and exact divisions are used. */
export function createProjection({ seed, features, outputs }: ProjectionPlan): Projection {
  const random = mulberry32(seed)
  const signs = Int8Array.from({ length: features }, () => (random() < 0.5 ? -1 : 1))
  const rows = Uint16Array.from({ length: features }, (_, row) => row)
  for (let i = features - 1; i > 0; i--) {
    const k = Math.floor(random() * (i + 1))
    const row = rows[i] ?? 0
    rows[i] = rows[k] ?? 0
    rows[k] = row
  }
  return { seed, signs, rows: rows.slice(0, outputs) }
}

/** The map applied to its n features. Rows are orthonormal, so lengths shrink by sqrt(outputs / n) on average. Throws
 *  when the number of features is another. */
export function projectFeatures(features: Float32Array, projection: Projection): Float32Array {
  const { signs, rows } = projection
  const count = signs.length
  if (features.length !== count) {
    throw new Error(`The projection takes ${count} features, not ${features.length}.`)
  }
  const sums = new Float64Array(count)
  for (let j = 0; j < count; j++) sums[j] = (signs[j] ?? 0) * (features[j] ?? 0)
  transform(sums)
  const projected = new Float32Array(rows.length)
  for (let r = 0; r < rows.length; r++) projected[r] = (sums[rows[r] ?? 0] ?? 0) / Math.sqrt(count)
  return projected
}

/** Identifies the map: sha256 of its signs as bytes 1 and -1 (255), row by row. */
export function projectionSha256({ signs, rows }: Projection): string {
  const hash = createHash('sha256')
  for (const row of rows) {
    hash.update(signs.map((sign, j) => (isOddPopcount(row & j) ? -sign : sign)))
  }
  return hash.digest('hex')
}

/** Fast Walsh-Hadamard transform, in place: sums[k] becomes the sum of (-1)^popcount(k AND j) * sums[j]. */
function transform(sums: Float64Array): void {
  for (let half = 1; half < sums.length; half *= 2) {
    for (let start = 0; start < sums.length; start += 2 * half) {
      for (let j = start; j < start + half; j++) {
        const a = sums[j] ?? 0
        const b = sums[j + half] ?? 0
        sums[j] = a + b
        sums[j + half] = a - b
      }
    }
  }
}

function isOddPopcount(value: number): boolean {
  let odd = false
  for (let rest = value; rest !== 0; rest &= rest - 1) odd = !odd
  return odd
}

/** Tommy Ettinger's 32-bit generator: small, public, the same everywhere. Numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
