import { type EngineWork, MOST_ROWS_ASIDE, untilTurn } from '@semblance/core'

/** Half of those aside, so that the next rows gather while these are written. */
const TOGETHER = MOST_ROWS_ASIDE / 2
/** The longest that a row waits for others: about what two inference threads take for so many. */
const LONGEST_WAIT_MS = 250

/**
 * Rows of imports that are to be written, one for each process. They leave their place to the next row, and go on together: what
 * several rows ask of a store at once, it does in one step. `npm run bench -- import` shows what that saves.
 */
export class RowsAside {
  /** Rows that have begun, and may still come to be written. */
  #looking = 0
  #aside = 0
  #gathering: Gathering | null = null

  /** Runs one row. What it is given it calls once, when all that is left is to write. */
  async run<T>(
    { stepAside, signal }: Pick<EngineWork, 'stepAside' | 'signal'>,
    row: (untilTogether: () => Promise<void>) => Promise<T>,
  ): Promise<T> {
    let [isLooking, isAside] = [true, false]
    const endLook = () => {
      if (!isLooking) return
      isLooking = false
      this.#looking -= 1
      if (this.#looking === 0) this.#gathering?.open()
    }
    const untilTogether = async () => {
      // One too many keeps its place, and holds nobody up.
      isAside = stepAside !== undefined && this.#aside < MOST_ROWS_ASIDE
      if (!isAside) return endLook()
      this.#aside += 1
      stepAside?.()
      const gathered = this.#gather(signal)
      endLook()
      await gathered
    }
    this.#looking += 1
    try {
      return await row(untilTogether)
    } finally {
      endLook()
      if (isAside) this.#aside -= 1
    }
  }

  #gather(signal: AbortSignal | undefined): Promise<void> {
    return untilTurn((begin) => {
      const gathering = this.#gathering ?? this.#begin()
      gathering.add(begin)
      return () => gathering.remove(begin)
    }, signal)
  }

  #begin(): Gathering {
    const gathering = new Gathering(() => {
      if (this.#gathering === gathering) this.#gathering = null
    })
    this.#gathering = gathering
    return gathering
  }
}

/** Rows that wait for each other. */
class Gathering {
  readonly #waiting = new Set<() => void>()
  readonly #onOpen: () => void
  readonly #timer: NodeJS.Timeout

  constructor(onOpen: () => void) {
    this.#onOpen = onOpen
    this.#timer = setTimeout(() => this.open(), LONGEST_WAIT_MS)
  }

  add(begin: () => void): void {
    this.#waiting.add(begin)
    if (this.#waiting.size >= TOGETHER) this.open()
  }

  remove(begin: () => void): void {
    this.#waiting.delete(begin)
  }

  open(): void {
    clearTimeout(this.#timer)
    this.#onOpen()
    for (const begin of this.#waiting) begin()
    this.#waiting.clear()
  }
}
