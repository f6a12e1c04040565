/** Every call that waits takes one of these; an aborted signal rejects with the signal's own reason. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined
}
