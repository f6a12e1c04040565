import type { GalleryTables } from '../memory/gallery-memory.ts'
import type { FoundRows } from '../scan-messages.ts'
import { type Shortlist, toFoundRows } from './shortlist.ts'

interface Seen {
  readonly person: number
  row: number
  cosine: number
}

/**
 * The best persons of the rows offered, each with its best row; ties go to the smaller id. A heap of persons, the worst
 * on top, not of rows: a thousand images of one person take one place. It needs no more than `limit` places: a person
 * pushed out comes back with any later row that deserves it, and one that comes back with none was rightly out.
 */
export class BestPersons implements Shortlist {
  readonly #limit: number
  readonly #minCosine: number
  readonly #tables: GalleryTables
  readonly #heap: Seen[] = []
  readonly #places = new Map<number, number>()

  constructor(limit: number, minCosine: number, tables: GalleryTables) {
    this.#limit = limit
    this.#minCosine = minCosine
    this.#tables = tables
  }

  get floor(): number {
    const worst = this.#heap[0]
    return worst === undefined || this.#heap.length < this.#limit ? this.#minCosine : worst.cosine
  }

  floorOf(person: number): number {
    const place = this.#places.get(person)
    return place === undefined ? this.floor : (this.#heap[place]?.cosine ?? this.floor)
  }

  offer(person: number, row: number, cosine: number): void {
    const place = this.#places.get(person)
    const worst = this.#heap[0]
    if (place !== undefined) this.#improve(place, row, cosine)
    else if (worst === undefined || this.#heap.length < this.#limit) this.#add({ person, row, cosine })
    else if (this.#isWorse(worst, { person, row, cosine })) {
      this.#places.delete(worst.person)
      this.#put(0, { person, row, cosine })
      this.#sink(0)
    }
  }

  foundRows(): FoundRows {
    return toFoundRows(this.#heap)
  }

  #add(seen: Seen): void {
    let place = this.#heap.length
    this.#heap.push(seen)
    while (place > 0) {
      const above = (place - 1) >>> 1
      const parent = this.#heap[above]
      if (parent === undefined || !this.#isWorse(seen, parent)) break
      this.#put(place, parent)
      place = above
    }
    this.#put(place, seen)
  }

  #improve(place: number, row: number, cosine: number): void {
    const seen = this.#heap[place]
    if (seen === undefined || cosine < seen.cosine) return
    if (cosine === seen.cosine && this.#tables.imageKeys.compare(row, seen.row) >= 0) return
    seen.row = row
    seen.cosine = cosine
    this.#sink(place)
  }

  #sink(from: number): void {
    const seen = this.#heap[from]
    if (seen === undefined) return
    let place = from
    for (;;) {
      const below = this.#worseChild(place)
      const child = this.#heap[below]
      if (child === undefined || !this.#isWorse(child, seen)) break
      this.#put(place, child)
      place = below
    }
    this.#put(place, seen)
  }

  #worseChild(place: number): number {
    const left = 2 * place + 1
    const first = this.#heap[left]
    const second = this.#heap[left + 1]
    return first !== undefined && second !== undefined && this.#isWorse(second, first) ? left + 1 : left
  }

  #put(place: number, seen: Seen): void {
    this.#heap[place] = seen
    this.#places.set(seen.person, place)
  }

  #isWorse(a: Seen, b: Seen): boolean {
    if (a.cosine !== b.cosine) return a.cosine < b.cosine
    return this.#tables.personKeys.compare(a.person, b.person) > 0
  }
}
