/** How alike each of many unit vectors is to another one. */
export interface CosineRows {
  readonly count: number
  /**
   * The cosine of `values` and each vector from number `from` on, in their order. The answer is overwritten by the next call.
   * The sums are those of `cosineOf`, to the last bit.
   */
  cosinesOf(values: Float32Array, from?: number): Float64Array
}

/** Vectors at a time: their sums do not wait for one another, which is what one sum by itself does most of the time. */
const TILE = 4

/** All pairs of thousands of photos are tens of millions: this takes a third of the time of one pair after the other. */
export function cosineRows(vectors: readonly Float32Array[]): CosineRows {
  const count = vectors.length
  const width = vectors[0]?.length ?? 0
  // Doubles, so that nothing is converted within the loop; rows of zeros fill the last tile.
  const rows = new Float64Array(Math.ceil(count / TILE) * TILE * width)
  for (const [at, vector] of vectors.entries()) rows.set(vector, at * width)
  const probe = new Float64Array(width)
  const cosines = new Float64Array(rows.length / Math.max(1, width))
  return {
    count,
    cosinesOf: (values, from = 0) => {
      if (count === 0) return cosines
      probe.set(values)
      for (let row = from - (from % TILE); row < count; row += TILE)
        sumTile({ rows, probe, width }, row, cosines)
      return cosines.subarray(from, count)
    },
  }
}

interface Table {
  readonly rows: Float64Array
  readonly probe: Float64Array
  readonly width: number
}

function sumTile({ rows, probe, width }: Table, row: number, cosines: Float64Array): void {
  const first = row * width
  const [second, third, fourth] = [first + width, first + 2 * width, first + 3 * width]
  let [one, two, three, four] = [0, 0, 0, 0]
  for (let i = 0; i < width; i++) {
    const value = probe[i] as number
    one += (rows[first + i] as number) * value
    two += (rows[second + i] as number) * value
    three += (rows[third + i] as number) * value
    four += (rows[fourth + i] as number) * value
  }
  cosines[row] = one
  cosines[row + 1] = two
  cosines[row + 2] = three
  cosines[row + 3] = four
}
