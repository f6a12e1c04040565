import type { Clock, IndexGenerationRegistry, IndexGenerations, Waiting } from '@semblance/core'

/** The registry's list as this process last read it. */
export interface GenerationsRead {
  readonly list: IndexGenerations
  /** The time just before the list was read, on the monotonic clock. */
  readonly readAt: number
}

/** Keeps the list, so that not every write looks into the store: it is read again when it is older than `maxAgeMs`. */
export class KnownGenerations {
  readonly #deps: {
    readonly registry: IndexGenerationRegistry
    readonly clock: Pick<Clock, 'monotonic'>
    readonly maxAgeMs: number
  }
  #known: GenerationsRead | null = null

  constructor(deps: {
    readonly registry: IndexGenerationRegistry
    readonly clock: Pick<Clock, 'monotonic'>
    readonly maxAgeMs: number
  }) {
    this.#deps = deps
  }

  async read(waiting?: Waiting): Promise<GenerationsRead> {
    return this.#known !== null && this.isCurrent(this.#known) ? this.#known : this.refresh(waiting)
  }

  async refresh(waiting?: Waiting): Promise<GenerationsRead> {
    const readAt = this.#deps.clock.monotonic()
    const list = await this.#deps.registry.readGenerations(waiting)
    // Answers of two reads may come in the wrong order.
    if (this.#known === null || list.rev >= this.#known.list.rev) this.#known = { list, readAt }
    return { list, readAt }
  }

  /** Says whether no change of the list can be older than a writer is allowed not to know. */
  isCurrent({ readAt }: GenerationsRead): boolean {
    return this.#deps.clock.monotonic() - readAt < this.#deps.maxAgeMs
  }

  /** Compare-and-set; false if somebody else changed the list meanwhile. */
  async change(
    from: IndexGenerations,
    to: Pick<IndexGenerations, 'serving' | 'others'>,
    waiting?: Waiting,
  ): Promise<boolean> {
    const isChanged = await this.#deps.registry.changeGenerations({ rev: from.rev + 1, ...to }, waiting)
    this.#known = null
    return isChanged
  }
}

export function registered({ serving, others }: IndexGenerations): readonly string[] {
  return serving === null ? others : [serving, ...others]
}
