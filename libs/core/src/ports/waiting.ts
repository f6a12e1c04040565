/** Every call that waits takes one of these; an aborted signal rejects with the signal's own reason. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined
}

/** The wait for a list, whose records may come to many megabytes. */
export interface Listing extends Waiting {
  /**
   * This is told, after each portion, about how many bytes have been read so far, before more are read. What it throws
   * ends the list: a caller without room for more need not take more.
   */
  readonly onBytes?: ((bytes: number) => void) | undefined
}
