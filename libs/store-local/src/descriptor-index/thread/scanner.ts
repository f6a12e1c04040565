import { STREAMS } from '../kernel/scan-kernel.ts'
import { type GalleryTables, type Growth, makeTables } from '../memory/gallery-memory.ts'
import { RowFilter } from '../memory/row-filter.ts'
import {
  BLOCK_ROWS,
  blockPlace,
  type Scratch,
  scratchOf,
  type VectorLayout,
} from '../memory/vector-layout.ts'
import { CONTROL, type FoundRows, type Scan, type ScanThreadSetup } from '../scan-messages.ts'
import { type ChunkView, openChunk } from './chunk-view.ts'
import { CoarseLook } from './coarse-look.ts'
import { makeCoarseProbe } from './coarse-probe.ts'
import { FloatLook } from './float-look.ts'
import { Quest } from './quest.ts'

/** So few rows of a block are looked at in float32 sooner than twice. */
const LEAST_COARSE = 16

/** What a scan goes through the blocks with. */
interface Search {
  readonly quests: readonly Quest[]
  readonly filter: RowFilter
  /** Null where there are no coarse rows. */
  readonly coarseLook: CoarseLook | null
}

/** One thread's share of the scans: claims blocks of rows until there are none left. */
export class Scanner {
  readonly #setup: ScanThreadSetup
  readonly #layout: VectorLayout
  readonly #scratch: Scratch
  readonly #control: Int32Array
  readonly #tables: GalleryTables = makeTables(() => {})
  readonly #chunks: ChunkView[] = []
  readonly #floatLook: FloatLook

  constructor(setup: ScanThreadSetup) {
    this.#setup = setup
    this.#layout = setup.layout
    this.#scratch = scratchOf(setup.layout, setup.thread)
    this.#control = new Int32Array(setup.control)
    this.#floatLook = new FloatLook({ layout: this.#layout, scratch: this.#scratch, tables: this.#tables })
  }

  adopt(growth: Growth): void {
    if (growth.kind === 'segment') this.#tables[growth.table].adopt(growth.segment)
    else this.#chunks.push(openChunk(this.#setup, growth.memory))
  }

  /** By probe. */
  run(scan: Scan): readonly FoundRows[] {
    const search = this.#begin(scan)
    while (Atomics.load(this.#control, CONTROL.cancelled) === 0) {
      const first = Atomics.add(this.#control, CONTROL.nextBlock, 1) * BLOCK_ROWS
      if (first >= scan.rowEnd) break
      this.#look(search, { first, count: Math.min(BLOCK_ROWS, scan.rowEnd - first) })
    }
    return search.quests.map(({ shortlist }) => shortlist.foundRows())
  }

  #begin(scan: Scan): Search {
    const [layout, scratch, tables, floatLook] = [this.#layout, this.#scratch, this.#tables, this.#floatLook]
    const coarse = this.#layOut(scan)
    const quests = scan.probes.map((_, at) => {
      const probeAt = scratch.probesAt + at * layout.rowBytes
      return new Quest(scan, { at, probeAt, coarse: coarse[at] ?? null, tables, control: this.#control })
    })
    const coarseLook = coarse.length === 0 ? null : new CoarseLook({ layout, scratch, tables, floatLook })
    return { quests, filter: new RowFilter(scan.filter, tables), coarseLook }
  }

  /**
   * Puts the probes into every chunk's scratch area; an odd number of several is made even by an empty one. Answers
   * what is known of the coarse ones, if there are any.
   */
  #layOut({ probes }: Scan) {
    const { rowBytes, coarseRowBytes } = this.#layout
    const steps = probes.map(() => new Uint8Array(coarseRowBytes))
    for (const chunk of this.#chunks) {
      chunk.probes.fill(0)
      for (const [at, { values }] of probes.entries()) chunk.probes.set(values, (at * rowBytes) / 4)
    }
    if (coarseRowBytes === 0) return []
    const coarse = probes.map(({ values }, at) => makeCoarseProbe(values, steps[at] ?? new Uint8Array()))
    for (const { coarseProbes } of this.#chunks)
      for (const [at, values] of steps.entries()) coarseProbes.set(values, at * coarseRowBytes)
    return coarse
  }

  #look(
    { quests, filter, coarseLook }: Search,
    rows: { readonly first: number; readonly count: number },
  ): void {
    const { first } = rows
    const chunk = this.#chunks[Math.floor(first / this.#layout.chunkRows)]
    if (chunk === undefined) return
    const block = { chunk, place: blockPlace(this.#layout, first), first }
    const isCoarse = coarseLook?.takesNext() ?? false
    if (isCoarse && filter.isOpen) {
      // Rows beyond the last one are free ones.
      const count = Math.ceil(rows.count / STREAMS) * STREAMS
      coarseLook?.lookForAll({ ...block, list: chunk.all, count }, quests)
      return
    }
    const count = filter.select(first, rows.count, chunk.chosen.numbers)
    if (count === 0) return
    const chosen = { ...block, list: chunk.chosen, count }
    if (isCoarse && count >= LEAST_COARSE) coarseLook?.lookForAll(chosen, quests)
    else this.#floatLook.lookForAll(chosen, quests)
  }
}
