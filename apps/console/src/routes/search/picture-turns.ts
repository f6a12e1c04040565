/** Pictures that are looked at at once. A browser opens six connections to a server, and the page asks for more than this. */
const AT_ONCE = 3

interface Waiting {
  readonly id: string
  readonly begin: () => void
}

/** Two hundred pictures that were dropped at once wait their turn; the one that is shown goes first. */
export class PictureTurns {
  #running = 0
  #preferred: string | null = null
  /** Of each picture, how many came before it: who is on it is looked for before faces in the next one are. */
  readonly #places = new Map<string, number>()
  #waiting: readonly Waiting[] = []

  /** @param id of the picture; null: none is shown */
  prefer(id: string | null): void {
    this.#preferred = id
  }

  /** Rejects with the signal's reason if it aborts before the turn comes. */
  async run<T>(id: string, task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (!this.#places.has(id)) this.#places.set(id, this.#places.size)
    if (this.#running >= AT_ONCE) await this.#turnOf(id, signal)
    else this.#running++
    try {
      return await task()
    } finally {
      this.#next()
    }
  }

  #turnOf(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const entry = { id, begin: resolve }
      this.#waiting = [...this.#waiting, entry]
      const leave = () => {
        if (!this.#waiting.includes(entry)) return
        this.#waiting = this.#waiting.filter((one) => one !== entry)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      if (signal.aborted) leave()
    })
  }

  /** The place of whoever is done goes on to the next. */
  #next(): void {
    const placeOf = ({ id }: Waiting) => (id === this.#preferred ? -1 : (this.#places.get(id) ?? 0))
    const [next] = this.#waiting.toSorted((a, b) => placeOf(a) - placeOf(b))
    if (next === undefined) this.#running--
    else {
      this.#waiting = this.#waiting.filter((one) => one !== next)
      next.begin()
    }
  }
}
