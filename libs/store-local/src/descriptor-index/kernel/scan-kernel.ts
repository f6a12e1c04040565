/** Rows that `score` reads side by side; a list of rows is padded to a multiple of it. */
export const STREAMS = 4

/**
 * What the assembled kernel exports; all positions are byte addresses in the chunk's memory. `rows` is a list of `count`
 * row numbers, a multiple of `STREAMS`; the row of number 0 is at `base`.
 */
export interface ScanKernel {
  /** Writes a score for each of the rows. */
  score(rows: number, count: number, probe: number, scores: number, base: number, rowBytes: number): void
  /** `scores[p * count + i]` is that of probe p, of an even number that lie one behind the other, and of row i. */
  scoreMany(
    rows: number,
    count: number,
    probes: number,
    probeCount: number,
    scores: number,
    base: number,
    rowBytes: number,
  ): void
  /** @param row the address of one row */
  cosine(row: number, probe: number, rowBytes: number): number
  /** Writes the places in the list of the rows that the coarse probe nominates to `out`, and their number to its bounds. */
  nominate(
    rows: number,
    count: number,
    probe: number,
    base: number,
    rowBytes: number,
    facts: number,
    bounds: number,
    out: number,
  ): void
  /** The same for an even number of probes, bounds and lists that lie one behind the other. */
  nominateMany(
    rows: number,
    count: number,
    probes: number,
    base: number,
    rowBytes: number,
    facts: number,
    bounds: number,
    out: number,
    probeCount: number,
    outBytes: number,
  ): void
}

/**
 * Bounds how far `score` and `scoreMany` can differ from the true cosine. A lane adds one product per 4 values (`score`:
 * per 8), each product and each sum rounds by at most 2^-24 of what it adds up to, and three more sums join the lanes; the absolute products add up
 * to at most the two norms (Cauchy-Schwarz), 1.01 each. Rounded up a little.
 */
export function screenError(rowFloats: number): number {
  return (rowFloats / 4 + 8) * 2 ** -24 * 1.05
}
