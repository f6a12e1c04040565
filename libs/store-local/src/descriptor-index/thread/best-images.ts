import type { GalleryTables } from '../memory/gallery-memory.ts'
import type { FoundRows } from '../scan-messages.ts'
import { type Shortlist, toFoundRows } from './shortlist.ts'

interface Seen {
  readonly person: number
  readonly row: number
  readonly cosine: number
}

/** The best rows of each person offered, at most so many of each; ties go to the smaller image id. */
export class BestImages implements Shortlist {
  readonly floor: number
  readonly #limit: number
  readonly #tables: GalleryTables
  readonly #byPerson = new Map<number, Seen[]>()

  constructor(limit: number, minCosine: number, tables: GalleryTables) {
    this.#limit = limit
    this.floor = minCosine
    this.#tables = tables
  }

  floorOf(person: number): number {
    return this.#byPerson.get(person)?.[this.#limit - 1]?.cosine ?? this.floor
  }

  offer(person: number, row: number, cosine: number): void {
    const seen = { person, row, cosine }
    const best = this.#byPerson.get(person)
    if (best === undefined) {
      this.#byPerson.set(person, [seen])
      return
    }
    const worse = best.findIndex((other) => this.#isWorse(other, seen))
    if (worse >= 0) best.splice(worse, 0, seen)
    else if (best.length < this.#limit) best.push(seen)
    if (best.length > this.#limit) best.pop()
  }

  foundRows(): FoundRows {
    return toFoundRows([...this.#byPerson.values()].flat())
  }

  #isWorse(a: Seen, b: Seen): boolean {
    if (a.cosine !== b.cosine) return a.cosine < b.cosine
    return this.#tables.imageKeys.compare(a.row, b.row) > 0
  }
}
