/** Rows that a thread claims and scores at a time: 2 MB at 512 values, a tenth of a millisecond. */
export const BLOCK_ROWS = 1024

/** Probes that are compared in one go; even. With their scores they stay in a core's own cache. */
export const MOST_PROBES = 16

const PAGE_BYTES = 65_536
/** Values a row is padded to a multiple of; one cache line. */
const ROW_QUANTUM = 16

/** The layout of every chunk's memory: first a scratch area for each thread, then the rows. */
export interface VectorLayout {
  readonly dimensions: number
  readonly rowBytes: number
  /** A power of two, at least `BLOCK_ROWS`, so that no block crosses from one chunk into another. */
  readonly chunkRows: number
  readonly rowsAt: number
  readonly threads: number
}

export interface Scratch {
  /** Of `MOST_PROBES` probes. */
  readonly probeAt: number
  readonly listAt: number
  readonly scoresAt: number
}

/** @param chunkBytes most bytes of rows in one memory; its 32-bit addresses end at 4 GiB */
export function vectorLayout(dimensions: number, threads: number, chunkBytes: number): VectorLayout {
  const rowBytes = Math.ceil(dimensions / ROW_QUANTUM) * ROW_QUANTUM * 4
  const fitting = 2 ** Math.floor(Math.log2(chunkBytes / rowBytes))
  return {
    dimensions,
    rowBytes,
    chunkRows: Math.max(BLOCK_ROWS, fitting),
    rowsAt: Math.ceil((threads * scratchBytes(rowBytes)) / PAGE_BYTES) * PAGE_BYTES,
    threads,
  }
}

/** Byte addresses of the area that this thread (0, 1, ...) may write in every chunk. */
export function scratchOf(layout: VectorLayout, thread: number): Scratch {
  const probeAt = thread * scratchBytes(layout.rowBytes)
  const listAt = probeAt + MOST_PROBES * layout.rowBytes
  return { probeAt, listAt, scoresAt: listAt + BLOCK_ROWS * 4 }
}

export function pagesFor(layout: VectorLayout, rows: number): number {
  return Math.ceil((layout.rowsAt + rows * layout.rowBytes) / PAGE_BYTES)
}

function scratchBytes(rowBytes: number): number {
  return MOST_PROBES * rowBytes + 2 * BLOCK_ROWS * 4
}
