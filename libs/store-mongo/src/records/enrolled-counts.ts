import type { EnrolledCount, Waiting } from '@semblance/core'
import type { Db } from 'mongodb'
import { type Ask, LIMITS } from './record-writes.ts'

const KEPT_MS = 30_000
/** Counting may take up so large a part of the time, and no more, however large the gallery is. */
const SHARE = 1 / 100

/** How much is enrolled. Every scrape of every gateway asks, so an answer is kept for a while. */
export class EnrolledCounts {
  readonly #db: Db
  readonly #ask: Ask
  #kept: { readonly count: EnrolledCount; readonly untilMs: number } | null = null

  constructor(db: Db, ask: Ask) {
    this.#db = db
    this.#ask = ask
  }

  async count(waiting?: Waiting): Promise<EnrolledCount> {
    const begunMs = performance.now()
    if (this.#kept !== null && begunMs < this.#kept.untilMs) return this.#kept.count
    const count = await this.#ask(() => this.#countNow(), waiting)
    const endedMs = performance.now()
    this.#kept = { count, untilMs: endedMs + Math.max(KEPT_MS, (endedMs - begunMs) / SHARE) }
    return count
  }

  async #countNow(): Promise<EnrolledCount> {
    const images = this.#db.collection('images')
    // Images are counted apart: FerretDB fills only the first accumulator of a group.
    const sizes = [{ $match: { state: 'ready' } }, { $group: { _id: null, bytes: { $sum: '$bytes' } } }]
    const [persons, groups, ready, [sum]] = await Promise.all([
      this.#db.collection('persons').countDocuments({ state: 'live' }, LIMITS),
      this.#db.collection('groups').countDocuments({ state: 'live' }, LIMITS),
      images.countDocuments({ state: 'ready' }, LIMITS),
      images.aggregate<{ readonly bytes: number }>(sizes, LIMITS).toArray(),
    ])
    return { persons, groups, images: ready, pictureBytes: sum?.bytes ?? 0 }
  }
}
