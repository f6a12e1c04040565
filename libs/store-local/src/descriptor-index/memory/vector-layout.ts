import { FACT_BYTES } from './coarse-rows.ts'

/** Rows that a thread claims and scores at a time: 2 MB at 512 values, a tenth of a millisecond. */
export const BLOCK_ROWS = 1024

/** Probes that are compared in one go; even. With their scores they stay in a core's own cache. */
export const MOST_PROBES = 16

const PAGE_BYTES = 65_536
const WORD_BYTES = 4
/** Values a row is padded to a multiple of; one cache line. */
const ROW_QUANTUM = 16
/** Bytes a coarse row is padded to a multiple of; one cache line. */
const COARSE_QUANTUM = 64
/** One word of each row of a block. */
const TABLE_BYTES = BLOCK_ROWS * WORD_BYTES
/** Reach, least, and how many were nominated; see `coarse-kernel-text.ts`. */
export const BOUND_WORDS = 4

/**
 * What each search looks at first: coarse copies of all rows, a byte a value, which take a quarter more memory and a third
 * of the time; or the rows themselves. Answers are the same.
 */
export type FirstLook = 'coarse' | 'float32'

/**
 * The layout of every chunk's memory: first a scratch area for each thread, then blocks of `BLOCK_ROWS` rows. A block
 * begins with the coarse rows, if there are any, and their facts; then come the rows.
 */
export interface VectorLayout {
  readonly dimensions: number
  readonly rowBytes: number
  /** 0 if there are no coarse rows. */
  readonly coarseRowBytes: number
  /** From the start of a block to its first row. */
  readonly coarseBlockBytes: number
  readonly blockBytes: number
  /** A power of two, at least `BLOCK_ROWS`, so that no block crosses from one chunk into another. */
  readonly chunkRows: number
  /** Where the first block begins. */
  readonly blocksAt: number
  readonly threads: number
}

export interface VectorSizes {
  readonly dimensions: number
  readonly threads: number
  /** Most bytes of blocks in one memory; its 32-bit addresses end at 4 GiB. */
  readonly chunkBytes: number
  readonly firstLook: FirstLook
}

export function vectorLayout({ dimensions, threads, chunkBytes, firstLook }: VectorSizes): VectorLayout {
  const rowBytes = padded(dimensions, ROW_QUANTUM) * WORD_BYTES
  const coarseRowBytes = firstLook === 'coarse' ? padded(dimensions, COARSE_QUANTUM) : 0
  const coarseBlockBytes = coarseRowBytes === 0 ? 0 : BLOCK_ROWS * (coarseRowBytes + FACT_BYTES)
  const blockBytes = coarseBlockBytes + BLOCK_ROWS * rowBytes
  const fitting = 2 ** Math.floor(Math.log2(chunkBytes / blockBytes)) * BLOCK_ROWS
  const sizes = { dimensions, rowBytes, coarseRowBytes, coarseBlockBytes, blockBytes, threads }
  const chunkRows = Math.max(BLOCK_ROWS, fitting)
  return { ...sizes, chunkRows, blocksAt: padded(threads * scratchBytes(sizes), PAGE_BYTES) }
}

/** Byte addresses of what belongs to a block's first row, in its chunk's memory. */
export interface BlockPlace {
  readonly coarseRowsAt: number
  readonly factsAt: number
  readonly rowsAt: number
}

/** @param row any row of the block */
export function blockPlace(layout: VectorLayout, row: number): BlockPlace {
  const block = Math.floor((row % layout.chunkRows) / BLOCK_ROWS)
  const coarseRowsAt = layout.blocksAt + block * layout.blockBytes
  return {
    coarseRowsAt,
    factsAt: coarseRowsAt + BLOCK_ROWS * layout.coarseRowBytes,
    rowsAt: coarseRowsAt + layout.coarseBlockBytes,
  }
}

export interface Scratch {
  /** Of `MOST_PROBES` probes, and the same as coarse ones. */
  readonly probesAt: number
  readonly coarseProbesAt: number
  /** Records of `BOUND_WORDS`, by probe. */
  readonly boundsAt: number
  /** Row numbers in a block: those to look at, those to look at again, and all of them in order. */
  readonly chosenAt: number
  readonly againAt: number
  readonly allAt: number
  readonly scoresAt: number
  /** Of `MOST_PROBES` lists, each as long as a block. */
  readonly nominatedAt: number
  readonly end: number
}

/** Byte addresses of the area that this thread (0, 1, ...) may write in every chunk. */
export function scratchOf(layout: VectorLayout, thread: number): Scratch {
  return scratchAt(layout, thread * scratchBytes(layout))
}

type RowSizes = Pick<VectorLayout, 'rowBytes' | 'coarseRowBytes'>

function scratchAt({ rowBytes, coarseRowBytes }: RowSizes, probesAt: number): Scratch {
  const coarseProbesAt = probesAt + MOST_PROBES * rowBytes
  const boundsAt = coarseProbesAt + MOST_PROBES * coarseRowBytes
  const chosenAt = boundsAt + MOST_PROBES * BOUND_WORDS * WORD_BYTES
  const againAt = chosenAt + TABLE_BYTES
  const allAt = againAt + TABLE_BYTES
  const scoresAt = allAt + TABLE_BYTES
  const nominatedAt = scoresAt + TABLE_BYTES
  const end = nominatedAt + (coarseRowBytes === 0 ? 0 : MOST_PROBES * TABLE_BYTES)
  return { probesAt, coarseProbesAt, boundsAt, chosenAt, againAt, allAt, scoresAt, nominatedAt, end }
}

export function pagesFor(layout: VectorLayout, rows: number): number {
  return Math.ceil((layout.blocksAt + Math.ceil(rows / BLOCK_ROWS) * layout.blockBytes) / PAGE_BYTES)
}

function scratchBytes(sizes: RowSizes): number {
  return scratchAt(sizes, 0).end
}

function padded(size: number, quantum: number): number {
  return Math.ceil(size / quantum) * quantum
}
