import type { GalleryTables } from '../memory/gallery-memory.ts'
import { CONTROL, FLOOR_STEPS, type Scan } from '../scan-messages.ts'
import { BestImages } from './best-images.ts'
import { BestPersons } from './best-persons.ts'
import type { CoarseProbe } from './coarse-probe.ts'
import type { Shortlist } from './shortlist.ts'

interface QuestOptions {
  /** The probe's place in the scan. */
  readonly at: number
  /** The probe's address in every chunk. */
  readonly probeAt: number
  /** Null where there are no coarse rows. */
  readonly coarse: CoarseProbe | null
  readonly tables: GalleryTables
  readonly control: Int32Array
}

/** What is looked for by one probe, and what this thread has found by it. */
export class Quest {
  readonly probeAt: number
  readonly coarse: CoarseProbe | null
  readonly except: readonly number[]
  readonly shortlist: Shortlist
  readonly #control: Int32Array
  readonly #floorAt: number
  readonly #sharesFloor: boolean

  constructor(scan: Scan, { at, probeAt, coarse, tables, control }: QuestOptions) {
    this.probeAt = probeAt
    this.coarse = coarse
    this.except = scan.probes[at]?.except ?? []
    this.shortlist = makeShortlist(scan, tables)
    this.#control = control
    this.#floorAt = CONTROL.floors + at
    this.#sharesFloor = scan.goal.kind === 'persons'
  }

  /** No row below it can be in the answer: as many persons as are asked for are at or above it, here or in another thread. */
  get floor(): number {
    const own = this.shortlist.floor
    return this.#sharesFloor ? Math.max(own, Atomics.load(this.#control, this.#floorAt) / FLOOR_STEPS) : own
  }

  /** Tells the other threads what this one has found enough persons for. */
  shareFloor(): void {
    if (!this.#sharesFloor) return
    const floor = Math.round(this.shortlist.floor * FLOOR_STEPS)
    let known = Atomics.load(this.#control, this.#floorAt)
    while (floor > known) {
      const seen = Atomics.compareExchange(this.#control, this.#floorAt, known, floor)
      if (seen === known) return
      known = seen
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
