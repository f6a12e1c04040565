/** Counts who works with something, so that it is closed only after them. */
export class Uses {
  #count = 0
  #unused: PromiseWithResolvers<void> | null = null

  /** Resolves once nobody works with it any more; at once if nobody does. */
  ended(): Promise<void> {
    if (this.#count === 0) return Promise.resolve()
    this.#unused ??= Promise.withResolvers<void>()
    return this.#unused.promise
  }

  begin(): void {
    this.#count++
  }

  end(): void {
    this.#count--
    if (this.#count > 0) return
    this.#unused?.resolve()
    this.#unused = null
  }
}
