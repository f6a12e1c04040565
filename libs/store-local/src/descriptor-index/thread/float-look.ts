import { roundCosine } from '@semblance/core'
import { STREAMS, screenError } from '../kernel/scan-kernel.ts'
import { type GalleryTables, OWNER } from '../memory/gallery-memory.ts'
import {
  BLOCK_ROWS,
  type BlockPlace,
  MOST_PROBES,
  type Scratch,
  type VectorLayout,
} from '../memory/vector-layout.ts'
import { type ChunkView, padList, type RowList } from './chunk-view.ts'
import type { Quest } from './quest.ts'

/** Half a step of the 1e-6 grid, and a little for the grid's own floats. */
export const ROUNDING = 0.5e-6 + 1e-12

/** The rows of one block that a scan looks at. */
export interface BlockRows {
  readonly chunk: ChunkView
  readonly place: BlockPlace
  /** The block's first row. */
  readonly first: number
  readonly list: RowList
  /** How many rows of the list count. */
  readonly count: number
}

/** Some of a list's rows, and where their scores begin. */
interface Scored {
  readonly from: number
  readonly count: number
  readonly scoresFrom: number
}

interface FloatLookDeps {
  readonly layout: VectorLayout
  readonly scratch: Scratch
  readonly tables: GalleryTables
}

/** Looks at rows in float32, and in float64 at those that come near the best ones; offers these to the shortlists. */
export class FloatLook {
  readonly #deps: FloatLookDeps
  /** A row whose approximate cosine is this far below the floor cannot be at or above it. */
  readonly #slack: number

  constructor(deps: FloatLookDeps) {
    this.#deps = deps
    this.#slack = screenError(deps.layout.rowBytes / 4) + ROUNDING
  }

  /** Looks at the rows for each of the quests. */
  lookForAll(rows: BlockRows, quests: readonly Quest[]): void {
    const [only] = quests
    if (quests.length === 1 && only !== undefined) this.look(rows, only)
    else this.#lookForMany(rows, quests)
  }

  look(rows: BlockRows, quest: Quest): void {
    const { chunk, place, list, count } = rows
    const padded = padList(list, { count, streams: STREAMS })
    const { rowBytes } = this.#deps.layout
    chunk.kernel.score(list.at, padded, quest.probeAt, this.#deps.scratch.scoresAt, place.rowsAt, rowBytes)
    this.#offer(rows, quest, { from: 0, count, scoresFrom: 0 })
  }

  /** So many rows at a time that the scores of all probes fit into the scratch area. */
  #lookForMany(rows: BlockRows, quests: readonly Quest[]): void {
    const { chunk, place, list, count } = rows
    const { probesAt, scoresAt } = this.#deps.scratch
    const { rowBytes } = this.#deps.layout
    const padded = padList(list, { count, streams: STREAMS })
    const probeCount = Math.ceil(quests.length / 2) * 2
    const step = BLOCK_ROWS / MOST_PROBES
    for (let from = 0; from < count; from += step) {
      const some = Math.min(step, padded - from)
      const at = list.at + from * 4
      chunk.kernel.scoreMany(at, some, probesAt, probeCount, scoresAt, place.rowsAt, rowBytes)
      for (const [nth, quest] of quests.entries())
        this.#offer(rows, quest, { from, count: Math.min(some, count - from), scoresFrom: nth * some })
    }
  }

  #offer(rows: BlockRows, quest: Quest, { from, count, scoresFrom }: Scored): void {
    const { scores } = rows.chunk
    let cutoff = this.#cutoff(quest.floor)
    for (let i = 0; i < count; i++) {
      const score = scores[scoresFrom + i] ?? 0
      if (score < cutoff) continue
      this.#lookClosely(rows, quest, { number: rows.list.numbers[from + i] ?? 0, score })
      cutoff = this.#cutoff(quest.floor)
    }
  }

  /** The last look: the cosine in full precision, rounded as it is reported. */
  #lookClosely(
    { chunk, place, first }: BlockRows,
    { probeAt, shortlist, except }: Quest,
    { number, score }: { readonly number: number; readonly score: number },
  ): void {
    const { tables, layout } = this.#deps
    const row = first + number
    const person = tables.owners.get(row, OWNER.personPlusOne) - 1
    const floor = shortlist.floorOf(person)
    if (score < this.#cutoff(floor) || except.includes(person)) return
    const sum = chunk.kernel.cosine(place.rowsAt + number * layout.rowBytes, probeAt, layout.rowBytes)
    const cosine = Math.max(-1, Math.min(1, roundCosine(sum)))
    if (cosine >= floor) shortlist.offer(person, row, cosine)
  }

  /** No floor at -1 and below: norms that are off by a hair may put an approximate cosine under it. */
  #cutoff(floor: number): number {
    return floor <= -1 ? Number.NEGATIVE_INFINITY : floor - this.#slack
  }
}
