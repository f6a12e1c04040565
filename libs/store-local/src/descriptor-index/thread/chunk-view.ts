import type { ScanKernel } from '../kernel/scan-kernel.ts'
import { BLOCK_ROWS, BOUND_WORDS, MOST_PROBES, scratchOf } from '../memory/vector-layout.ts'
import { type WasmMemory, wasm } from '../memory/web-assembly.ts'
import type { ScanThreadSetup } from '../scan-messages.ts'

/** A list of row numbers in a chunk's scratch area, counted from the first row of a block. */
export interface RowList {
  readonly at: number
  readonly numbers: Uint32Array
}

/** A chunk as one thread sees it: the kernel bound to its memory, and the thread's own scratch area in it. */
export interface ChunkView {
  readonly kernel: ScanKernel
  readonly probes: Float32Array
  readonly coarseProbes: Uint8Array
  /** Bounds of the probes, and the same words as whole numbers. */
  readonly bounds: Float32Array
  readonly boundWords: Uint32Array
  readonly chosen: RowList
  readonly again: RowList
  /** 0, 1, 2, ...: every row of a block. */
  readonly all: RowList
  readonly scores: Float32Array
  /** `BLOCK_ROWS` places for each probe; empty where there are no coarse rows. */
  readonly nominated: Uint32Array
}

export function openChunk(setup: ScanThreadSetup, memory: WasmMemory): ChunkView {
  const { layout, kernel } = setup
  const { buffer } = memory
  const scratch = scratchOf(layout, setup.thread)
  const listAt = (at: number): RowList => ({ at, numbers: new Uint32Array(buffer, at, BLOCK_ROWS) })
  const all = listAt(scratch.allAt)
  for (let number = 0; number < BLOCK_ROWS; number++) all.numbers[number] = number
  const instance = new wasm.Instance(kernel, { index: { memory } })
  return {
    kernel: instance.exports as unknown as ScanKernel,
    probes: new Float32Array(buffer, scratch.probesAt, (MOST_PROBES * layout.rowBytes) / 4),
    coarseProbes: new Uint8Array(buffer, scratch.coarseProbesAt, MOST_PROBES * layout.coarseRowBytes),
    bounds: new Float32Array(buffer, scratch.boundsAt, MOST_PROBES * BOUND_WORDS),
    boundWords: new Uint32Array(buffer, scratch.boundsAt, MOST_PROBES * BOUND_WORDS),
    chosen: listAt(scratch.chosenAt),
    again: listAt(scratch.againAt),
    all,
    scores: new Float32Array(buffer, scratch.scoresAt, BLOCK_ROWS),
    nominated: new Uint32Array(buffer, scratch.nominatedAt, (scratch.end - scratch.nominatedAt) / 4),
  }
}

/** Repeats the last row of a list until the kernel's streams are filled, if they are not; answers the length. */
export function padList(
  { numbers }: RowList,
  { count, streams }: { readonly count: number; readonly streams: number },
): number {
  const length = Math.ceil(count / streams) * streams
  numbers.fill(numbers[count - 1] ?? 0, count, length)
  return length
}
