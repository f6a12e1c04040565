/** What is told once for as long as it is met in each look; what was not met in a whole look is forgotten, and is new again. */
export class ToldOnce {
  #before: ReadonlySet<string> = new Set()
  #now = new Set<string>()

  isNew(text: string): boolean {
    const isTold = this.#before.has(text) || this.#now.has(text)
    this.#now.add(text)
    return !isTold
  }

  /** To be called after each look at everything. */
  endLook(): void {
    this.#before = this.#now
    this.#now = new Set()
  }
}
