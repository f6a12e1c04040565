import { roundCosine } from '@semblance/core'
import { type ScanKernel, STREAMS, screenError } from '../kernel/scan-kernel.ts'
import { type GalleryTables, type Growth, makeTables, OWNER } from '../memory/gallery-memory.ts'
import {
  BLOCK_ROWS,
  MOST_PROBES,
  type Scratch,
  scratchOf,
  type VectorLayout,
} from '../memory/vector-layout.ts'
import { type WasmMemory, wasm } from '../memory/web-assembly.ts'
import { CONTROL, type FoundRows, type Scan, type ScanThreadSetup } from '../scan-messages.ts'
import { BestImages } from './best-images.ts'
import { BestPersons } from './best-persons.ts'
import { RowFilter } from './row-filter.ts'
import type { Shortlist } from './shortlist.ts'

/** Half a step of the 1e-6 grid, and a little for the grid's own floats. */
const ROUNDING = 0.5e-6 + 1e-12

interface Chunk {
  readonly kernel: ScanKernel
  readonly probes: Float32Array
  readonly list: Uint32Array
  readonly scores: Float32Array
}

/** What is looked for by one probe. */
interface Quest {
  readonly probeAt: number
  readonly except: readonly number[]
  readonly shortlist: Shortlist
}

/** Some of the chosen rows, and where their scores begin. */
interface Scored {
  readonly from: number
  readonly count: number
  readonly scoresFrom: number
}

/** One thread's share of the scans: claims blocks of rows until there are none left. */
export class Scanner {
  readonly #setup: ScanThreadSetup
  readonly #layout: VectorLayout
  readonly #scratch: Scratch
  readonly #control: Int32Array
  readonly #tables: GalleryTables = makeTables(() => {})
  readonly #chunks: Chunk[] = []
  readonly #chosen = new Uint32Array(BLOCK_ROWS)
  /** A row whose approximate cosine is this far below the floor cannot be at or above it. */
  readonly #slack: number

  constructor(setup: ScanThreadSetup) {
    this.#setup = setup
    this.#layout = setup.layout
    this.#scratch = scratchOf(setup.layout, setup.thread)
    this.#control = new Int32Array(setup.control)
    this.#slack = screenError(setup.layout.rowBytes / 4) + ROUNDING
  }

  adopt(growth: Growth): void {
    if (growth.kind === 'segment') this.#tables[growth.table].adopt(growth.segment)
    else this.#chunks.push(this.#openChunk(growth.memory))
  }

  /** By probe. */
  run(scan: Scan): readonly FoundRows[] {
    const quests = scan.probes.map(({ except }, at): Quest => {
      const probeAt = this.#scratch.probeAt + at * this.#layout.rowBytes
      return { probeAt, except, shortlist: makeShortlist(scan, this.#tables) }
    })
    const filter = new RowFilter(scan.filter, this.#tables)
    this.#layOut(scan)
    while (Atomics.load(this.#control, CONTROL.cancelled) === 0) {
      const first = Atomics.add(this.#control, CONTROL.nextBlock, 1) * BLOCK_ROWS
      if (first >= scan.rowEnd) break
      const found = filter.select(first, Math.min(BLOCK_ROWS, scan.rowEnd - first), this.#chosen)
      if (found > 0) this.#scanRows(first, found, quests)
    }
    return quests.map(({ shortlist }) => shortlist.foundRows())
  }

  /** Puts the probes into every chunk's scratch area; an odd number of several is made even by an empty one. */
  #layOut({ probes }: Scan): void {
    const rowFloats = this.#layout.rowBytes / 4
    for (const chunk of this.#chunks) {
      chunk.probes.fill(0)
      for (const [at, { values }] of probes.entries()) chunk.probes.set(values, at * rowFloats)
    }
  }

  /** Scores the chosen rows, all of the block that begins with `first`, and offers those that may be good enough. */
  #scanRows(first: number, count: number, quests: readonly Quest[]): void {
    const { rowBytes, rowsAt, chunkRows } = this.#layout
    const chunk = this.#chunks[Math.floor(first / chunkRows)]
    if (chunk === undefined) return
    const base = rowsAt - Math.floor(first / chunkRows) * chunkRows * rowBytes
    const padded = Math.ceil(count / STREAMS) * STREAMS
    for (let i = 0; i < padded; i++)
      chunk.list[i] = base + (this.#chosen[Math.min(i, count - 1)] ?? 0) * rowBytes
    const [only] = quests
    if (quests.length > 1 || only === undefined) this.#scoreMany(chunk, { count, padded }, quests)
    else {
      const { probeAt, listAt, scoresAt } = this.#scratch
      chunk.kernel.score(listAt, padded, probeAt, scoresAt, rowBytes)
      this.#offer(chunk, only, { from: 0, count, scoresFrom: 0 })
    }
  }

  /** So many rows at a time that the scores of all probes fit into the scratch area. */
  #scoreMany(
    chunk: Chunk,
    { count, padded }: { readonly count: number; readonly padded: number },
    quests: readonly Quest[],
  ): void {
    const { probeAt, listAt, scoresAt } = this.#scratch
    const probeCount = Math.ceil(quests.length / 2) * 2
    const step = BLOCK_ROWS / MOST_PROBES
    for (let from = 0; from < count; from += step) {
      const rows = Math.min(step, padded - from)
      chunk.kernel.scoreMany(listAt + from * 4, rows, probeAt, probeCount, scoresAt, this.#layout.rowBytes)
      for (let at = 0; at < quests.length; at++) {
        const quest = quests[at]
        const part = { from, count: Math.min(rows, count - from), scoresFrom: at * rows }
        if (quest !== undefined) this.#offer(chunk, quest, part)
      }
    }
  }

  #offer(chunk: Chunk, quest: Quest, { from, count, scoresFrom }: Scored): void {
    const { scores } = chunk
    const { shortlist } = quest
    let cutoff = this.#cutoff(shortlist.floor)
    for (let i = 0; i < count; i++) {
      const score = scores[scoresFrom + i] ?? 0
      if (score < cutoff) continue
      this.#look(chunk, quest, { at: from + i, score })
      cutoff = this.#cutoff(shortlist.floor)
    }
  }

  /** The second look: the cosine in full precision, rounded as it is reported. */
  #look(
    chunk: Chunk,
    { probeAt, shortlist, except }: Quest,
    { at, score }: { readonly at: number; readonly score: number },
  ): void {
    const row = this.#chosen[at] ?? 0
    const person = this.#tables.owners.get(row, OWNER.personPlusOne) - 1
    const floor = shortlist.floorOf(person)
    if (score < this.#cutoff(floor) || except.includes(person)) return
    const sum = chunk.kernel.cosine(chunk.list[at] ?? 0, probeAt, this.#layout.rowBytes)
    const cosine = Math.max(-1, Math.min(1, roundCosine(sum)))
    if (cosine >= floor) shortlist.offer(person, row, cosine)
  }

  /** No floor at -1 and below: norms that are off by a hair may put an approximate cosine under it. */
  #cutoff(floor: number): number {
    return floor <= -1 ? Number.NEGATIVE_INFINITY : floor - this.#slack
  }

  #openChunk(memory: WasmMemory): Chunk {
    const { probeAt, listAt, scoresAt } = this.#scratch
    const instance = new wasm.Instance(this.#setup.kernel, { index: { memory } })
    return {
      kernel: instance.exports as unknown as ScanKernel,
      probes: new Float32Array(memory.buffer, probeAt, (MOST_PROBES * this.#layout.rowBytes) / 4),
      list: new Uint32Array(memory.buffer, listAt, BLOCK_ROWS),
      scores: new Float32Array(memory.buffer, scoresAt, BLOCK_ROWS),
    }
  }
}

function makeShortlist(scan: Scan, tables: GalleryTables): Shortlist {
  switch (scan.goal.kind) {
    case 'persons':
      return new BestPersons(scan.goal.limit, scan.minCosine, tables)
    case 'images':
      return new BestImages(scan.goal.limit, scan.minCosine, tables)
  }
}
