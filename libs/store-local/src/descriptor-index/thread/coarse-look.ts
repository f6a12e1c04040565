import { STREAMS } from '../kernel/scan-kernel.ts'
import { type GalleryTables, OWNER } from '../memory/gallery-memory.ts'
import { BLOCK_ROWS, BOUND_WORDS, type Scratch, type VectorLayout } from '../memory/vector-layout.ts'
import { type ChunkView, padList } from './chunk-view.ts'
import { leastOf } from './coarse-probe.ts'
import { type BlockRows, type FloatLook, ROUNDING } from './float-look.ts'
import type { Quest } from './quest.ts'

/** Words of a probe's bounds. */
const BOUND = { reach: 0, least: 1, count: 2 } as const

/** At most 2 to this, less 1, blocks in turn are looked at in float32 alone before the coarse rows get another chance. */
const MOST_DOUBLINGS = 4

interface CoarseLookDeps {
  readonly layout: VectorLayout
  readonly scratch: Scratch
  readonly tables: GalleryTables
  readonly floatLook: FloatLook
}

/** Looks at coarse rows, and in float32 at those that may come up to a quest's floor. One for each scan and thread. */
export class CoarseLook {
  readonly #deps: CoarseLookDeps
  #doublings = 0
  #toSkip = 0

  constructor(deps: CoarseLookDeps) {
    this.#deps = deps
  }

  /**
   * Whether to look at the next block, or to leave it to float32: where coarse rows rule out too few, as in a search
   * for everybody, they only cost time. Each time it comes so, they are left out twice as long.
   */
  takesNext(): boolean {
    if (this.#toSkip === 0) return true
    this.#toSkip--
    return false
  }

  /** The list may have free rows. */
  lookForAll(rows: BlockRows, quests: readonly Quest[]): void {
    this.#nominate(rows, quests)
    let nominated = 0
    for (const [at, quest] of quests.entries()) {
      const count = this.#listNominated(rows, at)
      nominated += count
      if (count > 0) this.#deps.floatLook.look({ ...rows, list: rows.chunk.again, count }, quest)
      quest.shareFloor()
    }
    if (2 * nominated <= rows.count * quests.length) this.#doublings = 0
    else {
      this.#toSkip = 2 ** this.#doublings - 1
      this.#doublings = Math.min(this.#doublings + 1, MOST_DOUBLINGS)
    }
  }

  #nominate({ chunk, place, list, count }: BlockRows, quests: readonly Quest[]): void {
    const { coarseRowBytes } = this.#deps.layout
    const { coarseProbesAt, boundsAt, nominatedAt } = this.#deps.scratch
    const padded = padList(list, { count, streams: STREAMS })
    for (const [at, quest] of quests.entries()) setBounds(chunk, at, quest)
    const { coarseRowsAt, factsAt } = place
    const { kernel } = chunk
    if (quests.length === 1)
      kernel.nominate(
        list.at,
        padded,
        coarseProbesAt,
        coarseRowsAt,
        coarseRowBytes,
        factsAt,
        boundsAt,
        nominatedAt,
      )
    else {
      const probeCount = Math.ceil(quests.length / 2) * 2
      if (probeCount > quests.length) setBounds(chunk, quests.length, null)
      kernel.nominateMany(
        list.at,
        padded,
        coarseProbesAt,
        coarseRowsAt,
        coarseRowBytes,
        factsAt,
        boundsAt,
        nominatedAt,
        probeCount,
        BLOCK_ROWS * 4,
      )
    }
  }

  /** Writes the rows that the probe at this place nominated to the list of those to be looked at again; says how many. */
  #listNominated({ chunk, first, list, count }: BlockRows, at: number): number {
    const { owners } = this.#deps.tables
    const from = at * BLOCK_ROWS
    const end = from + (chunk.boundWords[at * BOUND_WORDS + BOUND.count] ?? 0)
    let listed = 0
    for (let i = from; i < end; i++) {
      const place = chunk.nominated[i] ?? 0
      // What the list was padded with.
      if (place >= count) continue
      const number = list.numbers[place] ?? 0
      if (owners.get(first + number, OWNER.personPlusOne) !== 0) chunk.again.numbers[listed++] = number
    }
    return listed
  }
}

/** @param quest null: nominates nothing */
function setBounds({ bounds }: ChunkView, at: number, quest: Quest | null): void {
  const words = at * BOUND_WORDS
  const coarse = quest?.coarse ?? null
  bounds[words + BOUND.reach] = coarse?.reach ?? 0
  bounds[words + BOUND.least] = Number.POSITIVE_INFINITY
  if (quest === null || coarse === null) return
  const { floor } = quest
  bounds[words + BOUND.least] = leastOf(coarse, floor <= -1 ? Number.NEGATIVE_INFINITY : floor - ROUNDING)
}
