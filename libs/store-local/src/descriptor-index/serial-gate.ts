import type { Waiting } from '@semblance/core'

/**
 * Lets tasks through one after the other, in the order in which they came. Scans and writes of the index pass here, so
 * that a scan sees all of a write or nothing of it and memory is never written while threads read it.
 */
export class SerialGate {
  #last: Promise<void> = Promise.resolve()

  /** An aborted signal gives up the place in the queue; a task that has begun has to watch the signal itself. */
  async run<T>(task: () => Promise<T>, waiting: Waiting): Promise<T> {
    waiting.signal?.throwIfAborted()
    const before = this.#last
    const turn = Promise.withResolvers<void>()
    this.#last = turn.promise
    try {
      await untilAborted(before, waiting.signal)
    } catch (reason) {
      void before.then(turn.resolve)
      throw reason
    }
    try {
      return await task()
    } finally {
      turn.resolve()
    }
  }

  /** Resolves when all tasks that have come so far are through. */
  drained(): Promise<void> {
    return this.#last
  }
}

async function untilAborted(turn: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return turn
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    await Promise.race([turn, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
