/** Room for the bytes of all links that are being fetched, and of those whose job has not ended. */
export class ByteBudget {
  #left: number

  constructor(bytes: number) {
    this.#left = bytes
  }

  get left(): number {
    return this.#left
  }

  /** An account of its own for each fetch. */
  open(): ByteAccount {
    let taken = 0
    return {
      take: (bytes) => {
        if (bytes > this.#left) return false
        this.#left -= bytes
        taken += bytes
        return true
      },
      release: () => {
        this.#left += taken
        taken = 0
      },
    }
  }
}

export interface ByteAccount {
  /** False, and nothing taken, if there is no room. */
  take(bytes: number): boolean
  /** Gives back all that was taken; may be called again. */
  release(): void
}
