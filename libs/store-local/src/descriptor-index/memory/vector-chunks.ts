import {
  type CoarsePlace,
  type CoarseViews,
  coarseViewsOf,
  eraseCoarseRow,
  FACT_BYTES,
  writeCoarseRow,
} from './coarse-rows.ts'
import { BLOCK_ROWS, blockPlace, pagesFor, type VectorLayout } from './vector-layout.ts'
import { type WasmMemory, wasm } from './web-assembly.ts'

/** A chunk grows in place by an eighth of itself, at least by 4 MiB; pages not yet written cost no memory. */
const LEAST_GROWTH_PAGES = 64

interface Chunk {
  readonly memory: WasmMemory
  readonly maximum: number
  views: CoarseViews
}

/** The descriptors' values, in WebAssembly memories that the scan threads share. */
export class VectorChunks {
  readonly layout: VectorLayout
  readonly #chunks: Chunk[] = []
  readonly #announce: (memory: WasmMemory) => void

  /** @param announce called with each new chunk's memory, for the threads that scan it */
  constructor(layout: VectorLayout, announce: (memory: WasmMemory) => void) {
    this.layout = layout
    this.#announce = announce
  }

  write(row: number, values: Float32Array): void {
    const { views } = this.#chunkFor(row)
    views.floats.set(values, this.#offsetOf(row))
    if (this.layout.coarseRowBytes > 0) writeCoarseRow(views, this.#coarsePlaceOf(row), values)
  }

  /** Writes zeros, so that nothing of a removed face stays in memory. */
  erase(row: number): void {
    const { coarseRowBytes, dimensions } = this.layout
    const { views } = this.#chunkFor(row)
    const offset = this.#offsetOf(row)
    views.floats.fill(0, offset, offset + dimensions)
    if (coarseRowBytes > 0) eraseCoarseRow(views, this.#coarsePlaceOf(row), dimensions)
  }

  #offsetOf(row: number): number {
    return (blockPlace(this.layout, row).rowsAt + (row % BLOCK_ROWS) * this.layout.rowBytes) / 4
  }

  #coarsePlaceOf(row: number): CoarsePlace {
    const { coarseRowsAt, factsAt } = blockPlace(this.layout, row)
    const place = row % BLOCK_ROWS
    return {
      stepsAt: coarseRowsAt + place * this.layout.coarseRowBytes,
      factsAt: factsAt + place * FACT_BYTES,
    }
  }

  #chunkFor(row: number): Chunk {
    const index = Math.floor(row / this.layout.chunkRows)
    const chunk = this.#chunks[index] ?? this.#addChunk()
    const neededBytes = (this.#offsetOf(row) + this.layout.dimensions) * 4
    if (neededBytes > chunk.views.floats.byteLength) this.#grow(chunk, (row % this.layout.chunkRows) + 1)
    return chunk
  }

  #addChunk(): Chunk {
    const maximum = pagesFor(this.layout, this.layout.chunkRows)
    const initial = Math.min(maximum, pagesFor(this.layout, 0) + LEAST_GROWTH_PAGES)
    const memory = new wasm.Memory({ initial, maximum, shared: true })
    const chunk = { memory, maximum, views: coarseViewsOf(memory.buffer) }
    this.#chunks.push(chunk)
    this.#announce(memory)
    return chunk
  }

  #grow(chunk: Chunk, rows: number): void {
    const pages = chunk.views.floats.byteLength / 65_536
    const wanted = Math.max(pagesFor(this.layout, rows), pages + LEAST_GROWTH_PAGES, Math.ceil(pages * 1.125))
    chunk.memory.grow(Math.min(chunk.maximum, wanted) - pages)
    chunk.views = coarseViewsOf(chunk.memory.buffer)
  }
}
