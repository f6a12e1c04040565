import { type Clock, indexUnavailable, type ObserveDamage } from '@semblance/core'
import type { PointFilter } from './point-filter.ts'
import { QdrantFault } from './qdrant-fault.ts'

type PointId = string | number

/** A point is looked at again after that time: somebody may have put it right. */
const REMEMBERED_MS = 60_000
/** A filter that names more would cost each search more than it saves. */
const MOST_REMEMBERED = 1_000

/**
 * Points that are nobody's, or that have no vector, as a hand or another program may have left them. Searches leave
 * them out by id, since a question must be answered in full: what is thrown away afterwards would keep others out.
 */
export class StrangePoints {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #onDamage: ObserveDamage
  readonly #until = new Map<PointId, number>()

  constructor(deps: { readonly clock: Pick<Clock, 'monotonic'>; readonly onDamage: ObserveDamage }) {
    this.#clock = deps.clock
    this.#onDamage = deps.onDamage
  }

  /**
   * Tells of them, and remembers them for a while. @throws AppError E_INDEX_UNAVAILABLE if there are too many to be
   * left out
   */
  note(ids: readonly PointId[]): void {
    const until = this.#clock.monotonic() + REMEMBERED_MS
    for (const id of ids) {
      this.#until.set(id, until)
      this.#onDamage({ kind: 'vector', id: String(id), why: 'it names no person, or has no vector' })
    }
    if (this.#until.size > MOST_REMEMBERED)
      throw indexUnavailable(
        new QdrantFault(
          `more than ${MOST_REMEMBERED} points cannot be read: semblance index verify --repair`,
        ),
      )
  }

  /** The filter, and none of those that are remembered. */
  leftOut(filter: PointFilter | null): PointFilter | null {
    const now = this.#clock.monotonic()
    for (const [id, until] of this.#until) if (until <= now) this.#until.delete(id)
    if (this.#until.size === 0) return filter
    const strange = { has_id: [...this.#until.keys()] }
    const others = filter?.must_not ?? []
    return { ...filter, must_not: [...(Array.isArray(others) ? others : [others]), strange] }
  }
}
