import type { FoundRows } from '../scan-messages.ts'

/** What a scan has found so far: it says below which cosine a row is not worth a closer look, and rises with it. */
export interface Shortlist {
  /** No row below is taken, whoever's it is. */
  readonly floor: number
  /** No row of this person below is taken. */
  floorOf(person: number): number
  /** @param cosine on the 1e-6 grid, at least `minCosine` */
  offer(person: number, row: number, cosine: number): void
  foundRows(): FoundRows
}

export function toFoundRows(
  found: readonly { readonly person: number; readonly row: number; readonly cosine: number }[],
): FoundRows {
  return {
    persons: Uint32Array.from(found, ({ person }) => person),
    rows: Uint32Array.from(found, ({ row }) => row),
    cosines: Float64Array.from(found, ({ cosine }) => cosine),
  }
}
