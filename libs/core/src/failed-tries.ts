/** A name and a number each: some 2 MB at most. Of more the oldest are forgotten, and are tried as if they were new. */
const MOST_KEPT = 10_000

/**
 * How often something failed that was away for all right after, as an engine that died at a picture: whoever waits for it begins anew,
 * and would never come to an end with a picture that does so each time. It is kept in this process alone. Of a row that ends
 * the process its claims tell; of a picture of a move nothing does, and whoever runs the server cancels the move.
 */
export class FailedTries {
  readonly #counts = new Map<string, number>()

  /** 0 of what never failed so. */
  of(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  note(name: string, count: number): void {
    this.#counts.delete(name)
    this.#counts.set(name, count)
    const [oldest] = this.#counts.keys()
    if (this.#counts.size > MOST_KEPT && oldest !== undefined) this.#counts.delete(oldest)
  }

  forget(name: string): void {
    this.#counts.delete(name)
  }
}
