import { pagesFor, type VectorLayout } from './vector-layout.ts'
import { type WasmMemory, wasm } from './web-assembly.ts'

/** A chunk grows in place by an eighth of itself, at least by 4 MiB; pages not yet written cost no memory. */
const LEAST_GROWTH_PAGES = 64

interface Chunk {
  readonly memory: WasmMemory
  readonly maximum: number
  values: Float32Array
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
    const chunk = this.#chunkFor(row)
    chunk.values.set(values, this.#offsetOf(row))
  }

  /** Writes zeros, so that nothing of a removed face stays in memory. */
  erase(row: number): void {
    const offset = this.#offsetOf(row)
    this.#chunkFor(row).values.fill(0, offset, offset + this.layout.dimensions)
  }

  #offsetOf(row: number): number {
    return (this.layout.rowsAt + (row % this.layout.chunkRows) * this.layout.rowBytes) / 4
  }

  #chunkFor(row: number): Chunk {
    const index = Math.floor(row / this.layout.chunkRows)
    const chunk = this.#chunks[index] ?? this.#addChunk()
    const neededBytes = (this.#offsetOf(row) + this.layout.dimensions) * 4
    if (neededBytes > chunk.values.byteLength) this.#grow(chunk, (row % this.layout.chunkRows) + 1)
    return chunk
  }

  #addChunk(): Chunk {
    const maximum = pagesFor(this.layout, this.layout.chunkRows)
    const initial = Math.min(maximum, pagesFor(this.layout, 0) + LEAST_GROWTH_PAGES)
    const memory = new wasm.Memory({ initial, maximum, shared: true })
    const chunk = { memory, maximum, values: new Float32Array(memory.buffer) }
    this.#chunks.push(chunk)
    this.#announce(memory)
    return chunk
  }

  #grow(chunk: Chunk, rows: number): void {
    const pages = chunk.values.byteLength / 65_536
    const wanted = Math.max(pagesFor(this.layout, rows), pages + LEAST_GROWTH_PAGES, Math.ceil(pages * 1.125))
    chunk.memory.grow(Math.min(chunk.maximum, wanted) - pages)
    chunk.values = new Float32Array(chunk.memory.buffer)
  }
}
